//! `gh bypass review` and the prompts, in a pseudo-terminal.

use std::process::Command;
use std::time::Duration;

use github_bypass_requests_fake::{Fault, NewRequest};
use rexpect::session::{PtySession, spawn_command};

use crate::support::{Result, World, lines};

/// The longest wait for a text. A test reaches it only if it fails.
const PATIENCE_MS: u64 = 60_000;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// The program in a pseudo-terminal.
struct Pty(PtySession);

impl Pty {
    fn start(world: &World, arguments: &[&str]) -> Result<Self> {
        let program = env!("CARGO_BIN_EXE_gh-bypass");
        let mut command = Command::new("sh");
        command
            .args(["-c", "\"$0\" \"$@\"; echo \"EXIT $?\"", program])
            .args(arguments)
            .current_dir(world.folder.path())
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("NO_COLOR", "1")
            .envs(world.environment());
        Ok(Self(spawn_command(command, Some(PATIENCE_MS))?))
    }

    fn review(world: &World) -> Result<Self> {
        let arguments = [
            "review",
            "--org",
            "octo-org",
            "-k",
            "secret-scanning",
            "--audit",
            "audit.jsonl",
        ];
        let mut pty = Self::start(world, &arguments)?;
        pty.sees("a approve")?;
        Ok(pty)
    }

    fn sees(&mut self, text: &str) -> Result {
        self.0.exp_string(text)?;
        Ok(())
    }

    fn types(&mut self, text: &str) -> Result {
        self.0.send(text)?;
        self.0.flush()?;
        Ok(())
    }

    /// Waits for the end. Returns the exit code, and the output since the text that was last seen.
    fn end(mut self) -> Result<(i32, String)> {
        let rest = self.0.exp_eof()?;
        let (rest, code) = rest
            .rsplit_once("EXIT ")
            .ok_or("the shell printed no exit code")?;
        Ok((code.trim().parse()?, rest.to_owned()))
    }
}

#[test]
fn a_review_is_sent_after_the_message_and_the_key_y() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.sees("octo-org/smile#1")?;
    pty.types("a")?;
    pty.sees("Approve octo-org/smile#1 with the message: ")?;
    pty.types("a test key\r")?;
    pty.sees("Approve octo-org/smile#1 with \"a test key\"")?;
    pty.sees("Press y to confirm")?;
    assert_eq!(world.writes(), [""; 0]);
    pty.types("y")?;
    pty.sees("All requests are decided")?;
    pty.sees("octo-org/smile#1: approved. Press u to undo")?;
    pty.types("q")?;
    let (code, rest) = pty.end()?;
    assert_eq!(code, 0);
    assert!(
        rest.contains("1 of 1 request decided in octo-org"),
        "{rest}"
    );
    assert_eq!(world.writes(), ["PATCH"]);
    assert_eq!(lines(&world.path("audit.jsonl")).len(), 2);
    Ok(())
}

#[test]
fn nothing_is_sent_by_enter_a_paste_or_keys_that_are_typed_ahead() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.types("a")?;
    pty.sees("with the message: ")?;
    // The keys after Enter arrive before the question: they are typed ahead, or part of a paste
    // that the terminal does not mark.
    pty.types("ok\ryyy\r\ry")?;
    pty.sees("Press y to confirm")?;
    for _ in 0..20 {
        pty.types(ENTER)?;
    }
    pty.types("yes, approve it\r")?;
    pty.types("\u{1b}[200~y\u{1b}[201~")?;
    pty.types("\u{1b}[200~y\r\ny\r\n\u{1b}[201~")?;
    pty.types(CTRL_C)?;
    let (code, rest) = pty.end()?;
    assert_eq!(code, 0);
    assert!(
        rest.contains("0 of 1 request decided in octo-org"),
        "{rest}"
    );
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

#[test]
fn each_question_can_be_cancelled() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.types("r")?;
    pty.sees("Reject octo-org/smile#1 with the message: ")?;
    pty.types(ENTER)?;
    pty.sees("the message is empty")?;
    pty.types(ESCAPE)?;
    pty.sees("nothing was sent")?;
    pty.types("r")?;
    pty.sees("with the message: ")?;
    pty.types("no\r")?;
    pty.sees("Press y to confirm")?;
    pty.types("n")?;
    pty.sees("nothing was sent")?;
    pty.types("u")?;
    pty.sees("there is no decision to undo")?;
    pty.types("q")?;
    assert_eq!(pty.end()?.0, 0);
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

#[test]
fn ctrl_c_restores_the_terminal_at_each_prompt() -> Result {
    let world = World::new()?;
    world.open();
    for keys in [
        &[][..],
        &[("a", "with the message: ")],
        &[("A", "with the message: ")],
        &[("a", "with the message: "), ("ok\r", "Press y to confirm")],
        &[
            ("A", "with the message: "),
            ("ok\r", "Type 1 and press Enter"),
        ],
    ] {
        let mut pty = Pty::review(&world)?;
        for (typed, seen) in keys {
            pty.types(typed)?;
            pty.sees(seen)?;
        }
        pty.types(CTRL_C)?;
        let (code, rest) = pty.end()?;
        assert_eq!(code, 0);
        // The program has left the alternate screen, and has turned bracketed paste off.
        assert!(
            rest.contains("\u{1b}[?1049l") && rest.contains("\u{1b}[?2004l"),
            "{rest:?}"
        );
    }
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

#[test]
fn a_decision_can_be_undone() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.types("r")?;
    pty.sees("with the message: ")?;
    pty.types("revoke it\r")?;
    pty.sees("Press y to confirm")?;
    pty.types("y")?;
    pty.sees("octo-org/smile#1: denied. Press u to undo")?;
    pty.types("u")?;
    pty.sees("Undo: octo-org/smile#1 denied")?;
    pty.sees("Press y to confirm")?;
    pty.types("y")?;
    pty.sees("octo-org/smile#1: dismissed")?;
    pty.types("q")?;
    assert_eq!(pty.end()?.0, 0);
    assert_eq!(world.writes(), ["PATCH", "DELETE"]);
    Ok(())
}

#[test]
fn all_alike_need_their_number() -> Result {
    let world = World::new()?;
    world.open();
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().requester("somebody-else"));
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.sees("of 3")?;
    pty.types("A")?;
    pty.sees("Approve 2 with the message: ")?;
    pty.types("test keys\r")?;
    pty.sees("Type 2 and press Enter")?;
    // Pasted text is ignored, and another number does not confirm.
    pty.types("\u{1b}[200~2\u{1b}[201~")?;
    pty.sees("or Esc to cancel: ")?;
    pty.types("3")?;
    pty.sees("or Esc to cancel: 3")?;
    pty.types("\u{7f}")?;
    pty.sees("or Esc to cancel: ")?;
    pty.types("2")?;
    pty.sees("or Esc to cancel: 2")?;
    pty.types(ENTER)?;
    pty.sees("octo-org/smile#1: approved")?;
    pty.types("q")?;
    let (code, rest) = pty.end()?;
    assert_eq!(code, 0);
    assert!(rest.contains("2 of 3 requests decided"), "{rest}");
    assert_eq!(world.writes(), ["PATCH", "PATCH"]);
    Ok(())
}

#[test]
fn a_colleagues_decision_is_shown_and_kept() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::review(&world)?;
    pty.types("a")?;
    pty.sees("with the message: ")?;
    pty.types("ok\r")?;
    pty.sees("Press y to confirm")?;
    world.fake.deny("octo-org", "smile", 1, "dora")?;
    pty.types("y")?;
    pty.sees("already denied by dora")?;
    pty.types("q")?;
    assert_eq!(pty.end()?.0, 1);
    assert_eq!(world.writes(), [""; 0]);
    Ok(())
}

#[test]
fn a_response_that_is_not_waited_for_is_unknown() -> Result {
    let world = World::new()?;
    world.open();
    let slow = Fault::new()
        .only("PATCH")
        .delay(Duration::from_secs(600))
        .after_applying();
    world.fake.misbehave(1, slow)?;
    let mut pty = Pty::review(&world)?;
    pty.types("a")?;
    pty.sees("with the message: ")?;
    pty.types("ok\r")?;
    pty.sees("Press y to confirm")?;
    pty.types("y")?;
    pty.sees("waiting for GitHub")?;
    while world.writes().is_empty() {
        std::thread::yield_now();
    }
    pty.types(CTRL_C)?;
    pty.sees("press Ctrl-C again")?;
    pty.types(CTRL_C)?;
    let (code, rest) = pty.end()?;
    assert_eq!(code, 1);
    assert!(rest.contains("octo-org/smile#1: unknown"), "{rest}");
    let log = lines(&world.path("audit.jsonl"));
    assert!(
        log.len() == 2 && log[1].contains("\"phase\":\"unknown\""),
        "{log:?}"
    );
    Ok(())
}

#[test]
fn approve_asks_for_a_message_and_for_the_key_y() -> Result {
    let world = World::new()?;
    world.open();
    let mut pty = Pty::start(&world, &["approve", "octo-org/smile#1"])?;
    pty.sees("Message to the requester")?;
    pty.types("ok\r")?;
    pty.sees("Approve octo-org/smile#1? [y/n]")?;
    pty.types("\r\r\r")?;
    pty.types("n")?;
    assert_eq!(pty.end()?.0, 2);
    assert_eq!(world.writes(), [""; 0]);

    let mut pty = Pty::start(&world, &["approve", "octo-org/smile#1"])?;
    pty.sees("Message to the requester")?;
    pty.types("ok\r")?;
    pty.sees("Approve octo-org/smile#1? [y/n]")?;
    pty.types("y")?;
    pty.sees("octo-org/smile#1: approved")?;
    assert_eq!(pty.end()?.0, 0);
    assert_eq!(world.writes(), ["PATCH"]);
    Ok(())
}

#[test]
fn undo_asks_before_it_dismisses() -> Result {
    let world = World::new()?;
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().approved_by("dora"));
    let mut pty = Pty::start(&world, &["undo", "octo-org/smile#1"])?;
    pty.sees("approved by dora")?;
    pty.sees("Dismiss 1 response? [y/n]")?;
    pty.types("y")?;
    pty.sees("dismissed")?;
    assert_eq!(pty.end()?.0, 0);
    assert_eq!(world.writes(), ["DELETE"]);
    Ok(())
}
