//! What `infra/watch.yaml` tells the function in its environment.

/// Which distribution, and where it stands what was deployed on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The watching stack: the metric's dimension.
    pub stack: String,
    pub distribution: String,
    pub bucket: String,
    pub key: String,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// The variable that is not there.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let read = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("{name} is not set"))
        };
        Ok(Settings {
            stack: read("STACK")?,
            distribution: read("DISTRIBUTION_ID")?,
            bucket: read("EXPECTED_BUCKET")?,
            key: read("EXPECTED_KEY")?,
        })
    }
}
