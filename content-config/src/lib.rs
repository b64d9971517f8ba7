//! Compiles content.toml and the objects on sale into a price table
