//! Each call, against the control plane that `tests/deploy` makes of moto:
//!
//! ```sh
//! (cd tests/deploy && python -m control_plane /tmp/faults.json)   # prints its port
//! CONTROL_PLANE_URL=http://127.0.0.1:PORT CONTROL_PLANE_FAULTS=/tmp/faults.json \
//!     cargo test -p aws-control-plane --test moto -- --ignored
//! ```

mod moto {
    mod calls;
    mod failures;
    mod template;

    use std::process::Command;

    /// What the environment says is for a whole process: each part runs in one of its own.
    fn run(part: &str, environment: &[(&str, &str)]) -> String {
        let url = std::env::var("CONTROL_PLANE_URL").expect("CONTROL_PLANE_URL");
        let empty = std::env::temp_dir().join("no-aws-configuration");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["moto::part", "--exact", "--ignored", "--nocapture"]);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .env("HOME", empty)
            .env("PART", part)
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_SDK_UA_APP_ID", "try")
            .env("AWS_MAX_ATTEMPTS", "2")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("DELETE_AT_ONCE", "2");
        for (name, value) in environment {
            match value.is_empty() {
                true => command.env_remove(name),
                false => command.env(name, value),
            };
        }
        let done = command.output().unwrap();
        let text = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(done.status.success(), "{part}:\n{text}");
        text
    }

    #[test]
    #[ignore = "needs a control plane"]
    fn against_moto() {
        println!("{}", run("calls", &[]));
        failures::all();
    }

    /// What another process of this test was started for.
    #[tokio::test]
    #[ignore = "part of another"]
    async fn part() {
        match std::env::var("PART").as_deref() {
            Ok("calls") => calls::every_one().await,
            Ok("failures") => failures::tell().await,
            _ => {}
        }
    }
}
