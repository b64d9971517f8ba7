//! Deploys, attaches, checks, rolls back and takes down a site.
//!
//! What AWS is asked goes through one trait, [`control_plane::ControlPlane`].

pub mod control_plane;
