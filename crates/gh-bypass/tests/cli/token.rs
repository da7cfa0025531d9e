//! Runs the program with tokens from the environment and from `gh`, which is a script here.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use github_bypass_requests_fake::{Fake, NewRequest};
use tempfile::TempDir;

/// A script in place of `gh`. It records its arguments and the tokens in its environment.
struct Gh {
    folder: TempDir,
}

impl Gh {
    /// Creates a script that ends with these commands.
    fn new(end: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let noted = folder.path().join("noted");
        let tokens = "$GH_TOKEN$GITHUB_TOKEN$GH_ENTERPRISE_TOKEN$GITHUB_ENTERPRISE_TOKEN";
        let script = format!(
            "#!/bin/sh\necho \"$* [{tokens}]\" >> '{}'\n{end}\n",
            noted.display()
        );
        let this = Self { folder };
        fs::write(this.program(), script).expect("a script");
        fs::set_permissions(this.program(), fs::Permissions::from_mode(0o755)).expect("a script");
        this
    }

    fn with_token(token: &str) -> Self {
        Self::new(&format!("echo {token}"))
    }

    fn without_token() -> Self {
        Self::new("exit 1")
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("gh")
    }

    /// Returns the arguments and tokens of each run.
    fn noted(&self) -> Vec<String> {
        let noted = fs::read_to_string(self.folder.path().join("noted")).unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }

    /// Returns the command that runs the program, without the host and the tokens of this process.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gh-bypass"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("GH_PATH", self.program())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat()
}

/// Starts a fake that has one request and accepts only the token `right`.
async fn fake() -> Fake {
    let fake = Fake::builder().token("right", "octocat").start().await;
    let fake = fake.expect("a fake");
    fake.open_secret_scanning_request(NewRequest::new().repository("octo-org", "smile"));
    fake
}

const LIST: [&str; 3] = ["list", "--org", "octo-org"];

#[tokio::test(flavor = "multi_thread")]
async fn gh_does_not_run_if_the_environment_has_a_token() {
    let fake = fake().await;
    for variable in [
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "GITHUB_TOKEN",
    ] {
        let gh = Gh::with_token("wrong");
        let mut command = gh.command(&LIST);
        command
            .env("GITHUB_API_URL", fake.base_url())
            .env(variable, "right");
        let output = command.output().expect("the program");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{variable}: {}",
            text(&output)
        );
        assert!(
            text(&output).contains("octo-org/smile"),
            "{}",
            text(&output)
        );
        assert_eq!(gh.noted(), [""; 0], "{variable}");
    }
}

/// A proxy sees that the program connects to github.com. The program connects only after it has the
/// token.
#[test]
fn gh_does_not_run_for_github_com_if_the_environment_has_a_token() {
    for (variable, runs) in [
        ("GH_TOKEN", 0),
        ("GITHUB_TOKEN", 0),
        ("GH_ENTERPRISE_TOKEN", 1),
    ] {
        let gh = Gh::with_token("any");
        let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = proxy.local_addr().expect("an address");
        let mut command = gh.command(&LIST);
        command
            .env("HTTPS_PROXY", format!("http://{address}"))
            .env(variable, "any");
        let mut program = command.stderr(Stdio::null()).spawn().expect("the program");
        let (connection, _) = proxy.accept().expect("a connection");
        let mut first = String::new();
        BufReader::new(connection)
            .read_line(&mut first)
            .expect("a line");
        program.kill().expect("a running program");
        program.wait().expect("the end of the program");
        assert_eq!(first, "CONNECT api.github.com:443 HTTP/1.1\r\n");
        let expected = vec!["auth token --hostname github.com []"; runs];
        assert_eq!(gh.noted(), expected, "{variable}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_in_the_environment_that_of_gh_is_sent() {
    let fake = fake().await;
    for by_path in [false, true] {
        let gh = Gh::with_token("right");
        let mut command = gh.command(&LIST);
        // This token belongs to github.com.
        command
            .env("GITHUB_API_URL", fake.base_url())
            .env("GH_TOKEN", "wrong");
        if by_path {
            let path = format!("{}:/usr/bin:/bin", gh.folder.path().display());
            command.env_remove("GH_PATH").env("PATH", path);
        }
        let output = command.output().expect("the program");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        assert!(
            text(&output).contains("octo-org/smile"),
            "{}",
            text(&output)
        );
        assert_eq!(gh.noted(), ["auth token --hostname 127.0.0.1 []"]);
    }
    let callers = fake.received().into_iter().map(|request| request.caller);
    assert!(
        callers
            .into_iter()
            .all(|caller| caller.as_deref() == Some("octocat"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_and_a_missing_token_exit_with_4() {
    let fake = fake().await;
    for gh in [Gh::with_token("wrong"), Gh::without_token()] {
        let mut command = gh.command(&LIST);
        command.env("GITHUB_API_URL", fake.base_url());
        let output = command.output().expect("the program");
        assert_eq!(output.status.code(), Some(4), "{}", text(&output));
        assert!(!text(&output).contains("panicked"), "{}", text(&output));
    }
    let missing = Gh::without_token()
        .command(&LIST)
        .output()
        .expect("the program");
    for way in ["gh auth login", "GH_TOKEN"] {
        assert!(text(&missing).contains(way), "{}", text(&missing));
    }
}

#[test]
fn a_token_of_the_environment_is_not_sent_to_a_host_that_only_an_argument_names() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    server.set_nonblocking(true).expect("a socket");
    let host = server.local_addr().expect("an address").to_string();
    let repository = format!("{host}/octo-org/smile");
    let url = format!("https://{host}/octo-org/smile/exemptions/42");
    let commands: [&[&str]; 4] = [
        &["list", "-R", &repository],
        &["view", "42", "-R", &repository],
        &["view", &format!("{repository}#42")],
        &["view", &url],
    ];
    // The token of an Enterprise Server belongs to the server that the environment names.
    let own_hosts: [&[(&str, &str)]; 3] = [
        &[],
        &[("GH_HOST", "ghes.example.com")],
        &[("GITHUB_API_URL", "https://ghes.example.com/api/v3")],
    ];
    for arguments in commands {
        for own_host in own_hosts {
            let gh = Gh::without_token();
            let mut command = gh.command(arguments);
            command.envs(own_host.iter().copied());
            for variable in [
                "GH_TOKEN",
                "GITHUB_TOKEN",
                "GH_ENTERPRISE_TOKEN",
                "GITHUB_ENTERPRISE_TOKEN",
            ] {
                command.env(variable, "ghp_hidden");
            }
            let output = command.output().expect("the program");
            assert_eq!(
                output.status.code(),
                Some(4),
                "{arguments:?}: {}",
                text(&output)
            );
            let mut noted = gh.noted();
            // Without a token, each list asks `gh` again.
            noted.dedup();
            assert_eq!(
                noted,
                ["auth token --hostname 127.0.0.1 []"],
                "{arguments:?}"
            );
            assert!(!text(&output).contains("ghp_hidden"), "{}", text(&output));
            assert!(
                server.accept().is_err(),
                "{arguments:?} connected to {host}"
            );
        }
    }
}
