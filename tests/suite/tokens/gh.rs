//! `gh auth token`, with a script in place of `gh`.

#![cfg(unix)]

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use github_bypass_requests::{Client, GhCli};
use tokio::task::{spawn_blocking, yield_now};

use super::{client_with, sent_tokens, unauthorized};
use crate::faults::calls::{approve, get};
use crate::faults::checks::{failed, found, takes};
use crate::faults::clean::assert_clean;
use crate::faults::harness::Server;
use crate::support::TOKEN;

/// A script that records its arguments, writes to stderr, and prints the contents of the file
/// `token`.
struct Gh(PathBuf);

impl Gh {
    fn new(test: &str, token: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let gh = Self(folder);
        gh.set_token(token);
        let script = format!(
            "#!/bin/sh\ncd '{}'\necho \"$@\" >> calls\necho 'invalid token {TOKEN}' >&2\n\
             test -p token && exec cat token\ncat token\ntest -s token && test ! -e fails\n",
            gh.0.display()
        );
        // A shell, not this process, writes the script. Otherwise, another test could fork while
        // the file is open for writing, and running the script would fail with "text file busy".
        let written = Command::new("sh")
            .args(["-c", "printf '%s' \"$1\" > \"$2\" && chmod +x \"$2\"", "sh"])
            .arg(script)
            .arg(gh.program())
            .status();
        assert!(written.expect("a shell").success());
        gh
    }

    fn program(&self) -> PathBuf {
        self.0.join("gh")
    }

    fn set_token(&self, token: &str) {
        fs::write(self.0.join("token"), token).expect("a file");
    }

    fn source(&self) -> GhCli {
        GhCli::new().program(self.program())
    }

    /// Makes the script exit with an error.
    fn make_fail(&self) {
        fs::write(self.0.join("fails"), "").expect("a file");
    }

    /// Replaces the file `token` with a pipe that has no writer, so that the script hangs. Returns
    /// the path of the pipe.
    fn make_hang(&self) -> PathBuf {
        let pipe = self.0.join("token");
        fs::remove_file(&pipe).expect("a file");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        pipe
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

const CALL: &str = "auth token --hostname 127.0.0.1";

#[tokio::test]
async fn the_token_is_fetched_once_and_shared() {
    let gh = Gh::new("gh-once", "first\n");
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, gh.source());
    assert_eq!(gh.calls(), [""; 0], "no call before the first request");
    let clone = client.clone();
    let (one, two) = tokio::join!(get(&client), get(&clone));
    one.and(two).expect("two requests");
    get(&client).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["first"; 3]);
    assert_eq!(gh.calls(), [CALL]);
}

#[tokio::test]
async fn a_rejected_token_is_fetched_again() {
    let gh = Gh::new("gh-refused", "first\n");
    let server = Server::start(vec![found(), unauthorized(), found()]).await;
    let client = client_with(&server, gh.source());
    get(&client).await.expect("a request");
    gh.set_token("second\n");
    get(&client).await.expect("a request");
    get(&client).await.expect("a request");
    assert_eq!(sent_tokens(&server), ["first", "first", "second", "second"]);
    assert_eq!(gh.calls(), [CALL; 2]);
}

#[tokio::test]
async fn a_rejected_token_is_not_sent_again() {
    let gh = Gh::new("gh-same", "first\n");
    let server = Server::start(vec![unauthorized()]).await;
    let error = failed(get(&client_with(&server, gh.source())).await);
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(sent_tokens(&server), ["first"]);
    assert_eq!(gh.calls(), [CALL; 2]);
}

#[tokio::test]
async fn without_a_token_the_error_says_what_to_do() {
    let gh = Gh::new("gh-none", "");
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, gh.source());
    let error = failed(approve(&client).await);
    assert!(error.is_token_missing(), "{error}");
    let text = error.to_string();
    let advice = "run `gh auth login --hostname 127.0.0.1`";
    assert!(text.ends_with(advice), "{text}");
    // The failure is not cached, and the script's stderr, which contains the token, is not shown.
    assert_clean(&[&error, &text, &client]);
    gh.set_token(TOKEN);
    get(&client).await.expect("a request");
    assert_clean(&[&gh.source(), &client]);
    assert_eq!(server.methods(), ["GET"]);
}

#[tokio::test]
async fn the_output_of_a_failed_run_is_not_a_token() {
    let gh = Gh::new("gh-fails", "sorry\n");
    gh.make_fail();
    let server = Server::start(vec![found()]).await;
    let error = failed(get(&client_with(&server, gh.source())).await);
    assert!(error.is_token_missing(), "{error}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn without_the_program_the_error_says_what_to_do() {
    let server = Server::start(vec![found()]).await;
    let source = GhCli::new().program("/nowhere/gh");
    let error = failed(get(&client_with(&server, source)).await);
    assert!(error.is_token_missing(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("/nowhere/gh cannot be run; install"),
        "{text}"
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn one_hosts_token_is_not_sent_to_another() {
    let gh = Gh::new("gh-hosts", "first\n");
    let source = gh.source();
    let server = Server::start(vec![found()]).await;
    get(&client_with(&server, source.clone()))
        .await
        .expect("a request");
    gh.set_token("of-localhost\n");
    let other = server.base_url.replace("127.0.0.1", "localhost");
    let client = Client::builder().base_url(other).token_source(source);
    get(&client.build().expect("client"))
        .await
        .expect("a request");
    assert_eq!(sent_tokens(&server), ["first", "of-localhost"]);
    assert_eq!(gh.calls(), [CALL, "auth token --hostname localhost"]);
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_share_one_wait_for_a_program_that_hangs() {
    let gh = Gh::new("gh-hangs", "");
    gh.make_hang();
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, gh.source());
    let clone = client.clone();
    let both = async { tokio::join!(get(&client), get(&clone)) };
    let (one, two) = takes(60.0..=61.0, both).await;
    for error in [failed(one), failed(two)] {
        assert!(error.is_token_missing(), "{error}");
        let text = error.to_string();
        assert!(
            text.ends_with("auth token` did not finish within 60 seconds"),
            "{text}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn dropping_the_call_stops_the_program() {
    let gh = Gh::new("gh-dropped", "");
    let pipe = gh.make_hang();
    let server = Server::start(vec![found()]).await;
    let client = client_with(&server, gh.source());
    let call = tokio::spawn(async move { get(&client).await.map(drop) });
    // Blocks until the script opens the pipe for reading.
    let opened = spawn_blocking(|| fs::File::options().write(true).open(pipe)).await;
    let mut pipe = opened.expect("a thread").expect("a pipe");
    call.abort();
    let mut written = Ok(());
    for _ in 0..100 {
        yield_now().await;
        written = pipe.write_all(b"x");
    }
    let error = written.expect_err("the script no longer reads");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    assert_eq!(gh.calls(), [CALL]);
}
