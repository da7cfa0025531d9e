//! Arguments, help and exit codes.

use snapbox::str;

use crate::support::{Result, World};

#[test]
fn each_command_has_help_with_an_example() -> Result {
    let world = World::new()?;
    for command in [
        "list",
        "view",
        "approve",
        "reject",
        "undo",
        "review",
        "watch",
        "report",
        "completion",
    ] {
        let output = world.run(&[command, "--help"]).output()?;
        let text = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), Some(0));
        assert!(
            text.contains(&format!("bypass {command} ")) && text.contains("Examples:\n"),
            "{text}"
        );
    }
    for arguments in [&["--help"][..], &[]] {
        let text = String::from_utf8(world.run(arguments).output()?.stdout)?;
        for part in [
            "Exit codes:\n",
            "Environment variables:\n",
            "GH_FORCE_TTY",
            "--demo",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
    Ok(())
}

#[test]
fn invalid_arguments_have_the_exit_code_2() -> Result {
    let world = World::new()?;
    for arguments in [
        &["lists"][..],
        &["list", "--org", "octo-org", "--status", "opened"],
        &["list", "--org", "octo-org", "--since", "yesterday"],
        &["list", "--org", "octo-org", "--since", "60d"],
        &["list", "--org", "octo-org", "--limit", "0"],
        &["list", "--org", "octo-org", "--enterprise", "octo"],
        &["list", "--org", "octo/org"],
        &["list", "-R", "octo-org"],
        &["list", "-R", "a/b/c/d"],
        &["list", "--org", "octo-org", "--jq", "."],
        &["approve"],
        &["approve", "octo-org/smile#0", "-m", "ok"],
        &["review"],
    ] {
        world.run(arguments).assert().code(2).stdout_eq("");
    }
    assert_eq!(world.fake.received().len(), 0);
    Ok(())
}

#[test]
fn a_closed_pipe_is_no_error() -> Result {
    let world = World::new()?;
    for _ in 0..200 {
        world.open();
    }
    let program = env!("CARGO_BIN_EXE_gh-bypass");
    let script = format!(
        "'{program}' list --org octo-org -L 200 -k secret-scanning | head -1; echo ${{PIPESTATUS[0]}}"
    );
    let mut bash = std::process::Command::new("bash");
    let output = bash
        .args(["-c", &script])
        .env_clear()
        .envs(world.environment())
        .output()?;
    snapbox::assert_data_eq!(
        String::from_utf8(output.stdout)?,
        str![[r#"
200	octo-org/smile[..]
0

"#]]
    );
    assert!(output.stderr.is_empty());
    Ok(())
}

#[test]
fn completions_are_printed_for_each_shell() -> Result {
    let world = World::new()?;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = world.run(&["completion", shell]).output()?;
        assert!(
            String::from_utf8(output.stdout)?.contains("dry-run"),
            "{shell}"
        );
    }
    Ok(())
}

#[test]
fn gh_debug_logs_each_request_without_the_token() -> Result {
    let world =
        World::with(github_bypass_requests_fake::Fake::builder().token("s3cr3t", "octocat"))?;
    let run = |value: &str| {
        let command = world
            .run(&["list", "--org", "octo-org"])
            .env("GITHUB_TOKEN", "s3cr3t");
        command.env("GH_DEBUG", value).output()
    };
    let log = String::from_utf8(run("1")?.stderr)?;
    assert!(
        log.contains("secret-scanning/list-org-bypass-requests") && log.contains("status=200"),
        "{log}"
    );
    assert!(!log.contains("s3cr3t"), "{log}");
    assert!(run("0")?.stderr.is_empty());
    Ok(())
}
