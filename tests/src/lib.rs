//! Journeys across the parts
