//! Measures the command line `gh-bypass`, and GitHub's `gh` for comparison.

use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, io};

use github_bypass_requests_fake::{Demo, Fake};
use wait4::Wait4;

use crate::Result;
use crate::peer::cargo;

/// The number of requests to list.
const LIMIT: usize = 30;
/// The number of runs. The fastest one counts.
const RUNS: u32 = 20;

pub(crate) struct CommandLine {
    /// The CPU time of `gh-bypass list`, from start to end.
    pub(crate) list: Duration,
    /// The CPU time of `gh api` for a page of the same size. `None` if `gh` is not installed.
    pub(crate) gh_api: Option<Duration>,
    /// The size of the executable in bytes.
    pub(crate) size: u64,
}

/// Builds `gh-bypass` as for a release, and measures it with a fake in this process.
pub(crate) fn measure() -> Result<CommandLine> {
    let executable = env::current_exe()?;
    let target = executable.ancestors().nth(2).ok_or("no target folder")?;
    let mut build = cargo();
    build
        .args([
            "build",
            "--quiet",
            "--profile",
            "dist",
            "--package",
            "gh-bypass",
        ])
        .args(["--manifest-path", "../../../Cargo.toml", "--target-dir"])
        .arg(target);
    if !build.status()?.success() {
        return Err("gh-bypass does not build".into());
    }
    let program = target
        .join("dist/gh-bypass")
        .with_extension(env::consts::EXE_EXTENSION);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let fake = Fake::builder().demo(Demo::new(250)).start();
    let fake = runtime.block_on(fake)?;
    let settings = tempfile::tempdir()?;
    let run = |program: &mut Command| {
        program
            .env("GITHUB_API_URL", fake.base_url())
            .env("GH_ENTERPRISE_TOKEN", "any")
            .env("GH_CONFIG_DIR", settings.path());
        cpu_time(program)
    };
    let limit = LIMIT.to_string();
    let list = || {
        let mut list = Command::new(&program);
        list.args(["list", "--org", "octo-org", "--limit", &limit])
            .env_clear()
            // Prints a table with colors, as on a terminal.
            .env("GH_FORCE_TTY", "120");
        let (cpu, output) = run(&mut list)?;
        check(&output, "\u{1b}[32m#", "gh-bypass list")?;
        Ok(cpu)
    };
    let gh_api = || {
        let mut gh = Command::new("gh");
        let path = "orgs/octo-org/bypass-requests/secret-scanning";
        let url = format!("{}/{path}?per_page={LIMIT}", fake.base_url());
        let (cpu, output) = run(gh.args(["api", &url]))?;
        check(&output, "\"request_type\":", "gh api")?;
        Ok(cpu)
    };
    let has_gh = match Command::new("gh").arg("--version").output() {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error.into()),
    };
    Ok(CommandLine {
        list: fastest(list)?,
        gh_api: has_gh.then(|| fastest(gh_api)).transpose()?,
        size: fs::metadata(&program)?.len(),
    })
}

fn fastest(mut run: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut best = run()?;
    for _ in 1..RUNS {
        best = best.min(run()?);
    }
    Ok(best)
}

/// Runs a program. Returns its output, and the CPU time of all its threads.
fn cpu_time(program: &mut Command) -> Result<(Duration, String)> {
    let mut child = program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("no output")?;
    let output = io::read_to_string(output)?;
    let used = child.wait4()?.rusage;
    Ok((used.utime + used.stime, output))
}

/// Checks that the output has all requests, because a program that stops early would look fast.
fn check(output: &str, in_each_request: &str, program: &str) -> Result<()> {
    match output.matches(in_each_request).count() {
        found if found == LIMIT => Ok(()),
        found => Err(format!("{program} printed {found} of {LIMIT} requests").into()),
    }
}
