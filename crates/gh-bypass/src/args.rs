//! The command line, as clap parses it. `cargo xtask` includes this file, too, for the manual pages
//! and the completions, so it uses only clap and clap_complete.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Review GitHub's bypass requests.
///
/// If GitHub blocks a push that contains a secret or breaks a push rule, the developer can request
/// a bypass. This program lists these requests, and approves or rejects those for secrets.
#[derive(Debug, Parser)]
#[command(name = "gh-bypass", version, after_long_help = HELP, max_term_width = 100)]
pub(crate) struct Args {
    /// Use a fake GitHub in this process, with made-up requests. Needs no token and no network
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// Repository
    #[arg(
        short = 'R',
        long,
        global = true,
        value_name = "[HOST/]OWNER/REPO",
        help_heading = "Scope"
    )]
    pub(crate) repo: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const HELP: &str = "\
Examples:
  gh bypass --demo review                   Try it without a token
  gh bypass list --org octo-org             List the open requests of an organization
  gh bypass approve octo-org/smile#42 -m 'it is a test key'

Exit codes:
  0  done; also for an empty list, and if `watch` was stopped by a signal
  1  failed, or some of several requests failed, or a request was already decided
  2  invalid arguments, or cancelled at a prompt
  4  there is no token, or GitHub rejected it

Environment variables:
  GH_TOKEN, GITHUB_TOKEN                        token for github.com and *.ghe.com
  GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN  token for the Enterprise Server in GH_HOST
  GH_HOST, GITHUB_API_URL                       host, if no argument names one
  GH_REPO                                       repository, if no argument names a scope
  GH_PATH                                       the `gh` that provides a token if no variable does
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE            turn colors off or on
  GH_FORCE_TTY, COLUMNS                         print as if to a terminal; width if none is reported
  GH_PAGER, PAGER                               program that shows long output
  GH_BROWSER, BROWSER                           program that opens web pages
  GH_PROMPT_DISABLED                            if set, never prompt
  GH_DEBUG                                      if set, log each HTTP request to standard error";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List bypass requests
    #[command(visible_alias = "ls", after_help = List::EXAMPLES)]
    List(List),
    /// Show one request with its findings, comment and responses
    #[command(after_help = View::EXAMPLES)]
    View(View),
    /// Approve requests to push a secret
    #[command(after_help = Decide::EXAMPLES)]
    Approve(Decide),
    /// Reject requests to push a secret
    #[command(visible_alias = "deny", after_help = Decide::EXAMPLES)]
    Reject(Decide),
    /// Dismiss the latest response to a request, so that it can be reviewed again
    #[command(after_help = Undo::EXAMPLES)]
    Undo(Undo),
    /// Review the open requests one by one. Needs a terminal
    #[command(after_help = Review::EXAMPLES)]
    Review(Review),
    /// Print changes as they happen, until stopped
    #[command(after_help = Watch::HELP)]
    Watch(Watch),
    /// Summarize up to a month of requests
    #[command(after_help = Report::EXAMPLES)]
    Report(Report),
    /// Print a completion script for a shell
    #[command(after_help = Completion::EXAMPLES)]
    Completion(Completion),
}

/// The requests of an organization, an enterprise or a repository.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Scope")]
pub(crate) struct ScopeArgs {
    /// Organization
    #[arg(long, value_name = "ORG", conflicts_with_all = ["enterprise", "repo"])]
    pub(crate) org: Option<String>,
    /// Enterprise
    #[arg(long, value_name = "SLUG", conflicts_with = "repo")]
    pub(crate) enterprise: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Kind of request
    #[arg(short, long, value_enum, default_value_t = Kind::All)]
    pub(crate) kind: Kind,
    /// Only requests that this user has made
    #[arg(long, value_name = "LOGIN")]
    pub(crate) requester: Option<String>,
    /// Only requests that this user has reviewed
    #[arg(long, value_name = "LOGIN")]
    pub(crate) reviewer: Option<String>,
    /// Only requests with this status. The default is `open`; for `report`, it is `all`
    #[arg(short, long, value_enum, value_name = "STATUS")]
    pub(crate) status: Option<Status>,
    /// Only requests since this age or date, such as 12h, 3d, 2w or 2026-11-01. GitHub keeps
    /// requests for a month
    #[arg(long, value_name = "AGE|DATE")]
    pub(crate) since: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Requests to push a secret
    SecretScanning,
    /// Requests to push a change that a push rule forbids
    PushRules,
    /// Both
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    Open,
    Approved,
    Denied,
    Completed,
    Cancelled,
    Expired,
    Deleted,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// Newest first
    Created,
    /// Soonest to expire first. Reads the whole list
    Expires,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct JsonArgs {
    /// Print JSON with these comma-separated fields. Without a value, list the known fields
    #[arg(long, value_name = "FIELDS", num_args = 0..=1, default_missing_value = "")]
    pub(crate) json: Option<String>,
    /// Filter the JSON, and print the result as `jq -r` does
    #[arg(
        short = 'q',
        long,
        value_name = "FILTER",
        requires = "json",
        allow_hyphen_values = true
    )]
    pub(crate) jq: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// Maximum number of requests to list
    #[arg(short = 'L', long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Sort order
    #[arg(long, value_enum, default_value_t = Sort::Created)]
    pub(crate) sort: Sort,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
    /// Open the Security tab in the browser. Its sidebar links to the requests
    #[arg(short, long, conflicts_with_all = ["json", "limit", "sort"])]
    pub(crate) web: bool,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

impl List {
    const EXAMPLES: &str = "\
Examples:
  gh bypass list --org octo-org
  gh bypass list -R octo-org/smile --status all --since 7d
  gh bypass list --org octo-org --json number,repository --jq '.[].number'";
}

#[derive(Debug, ClapArgs)]
pub(crate) struct View {
    /// Number, OWNER/REPO#NUMBER or URL of the request
    #[arg(value_name = "NUMBER|URL")]
    pub(crate) request: String,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
    /// Open the request in the browser
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) web: bool,
}

impl View {
    const EXAMPLES: &str = "\
Examples:
  gh bypass view 42 -R octo-org/smile
  gh bypass view https://github.com/octo-org/smile/exemptions/42 --web
  gh bypass view octo-org/smile#42 --json status,decision";
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WriteArgs {
    /// Print what would happen, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Append a line of JSON to this file before and after each change
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Option<PathBuf>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Decide {
    /// Number, OWNER/REPO#NUMBER or URL of each request
    #[arg(value_name = "NUMBER|URL", required = true)]
    pub(crate) requests: Vec<String>,
    /// Message to the requester, up to 2048 characters. If missing, it is asked for on a terminal
    #[arg(
        short,
        long,
        value_name = "TEXT",
        conflicts_with = "message_file",
        allow_hyphen_values = true
    )]
    pub(crate) message: Option<String>,
    /// Read the message from this file, or from standard input if it is `-`
    #[arg(short = 'F', long, value_name = "FILE")]
    pub(crate) message_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// Open push rule requests in the browser, because the API cannot review them
    #[arg(short, long)]
    pub(crate) web: bool,
}

impl Decide {
    const EXAMPLES: &str = "\
Only requests that are still open are reviewed, so a colleague's decision is never overwritten.

Examples:
  gh bypass approve 42 43 -R octo-org/smile -m 'these are test keys'
  gh bypass reject https://github.com/octo-org/smile/exemptions/42 -m 'please revoke the token'
  gh bypass approve octo-org/smile#42 -m 'rotated' --audit audit.jsonl --dry-run";
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Undo {
    /// Number, OWNER/REPO#NUMBER or URL of each request
    #[arg(value_name = "NUMBER|URL", required = true)]
    pub(crate) requests: Vec<String>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

impl Undo {
    const EXAMPLES: &str = "\
Examples:
  gh bypass undo 42 -R octo-org/smile
  gh bypass undo octo-org/smile#42 --dry-run";
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Review {
    /// Append a line of JSON to this file before and after each change
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Option<PathBuf>,
    /// Initial message to the requester. You can edit it before each decision
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) message: Option<String>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

impl Review {
    const EXAMPLES: &str = "\
Examples:
  gh bypass --demo review
  gh bypass review --org octo-org --audit audit.jsonl";
}

// With a filter by status, a request would drop out of the list once it is decided. So both options
// are hidden and refused.
#[derive(Debug, ClapArgs)]
#[command(mut_arg("status", |arg| arg.hide(true)), mut_arg("since", |arg| arg.hide(true)))]
pub(crate) struct Watch {
    /// Print a line of JSON for each event
    #[arg(long)]
    pub(crate) json: bool,
    /// Continue from the cursor in this file, and save the cursor in it
    #[arg(long, value_name = "FILE")]
    pub(crate) cursor: Option<PathBuf>,
    /// Interval between polls, such as 30s, 5m or 1h. The default is 60s, or 1s in the demo
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) every: Option<String>,
    /// Leave out the requests that are already open
    #[arg(long)]
    pub(crate) from_now: bool,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

impl Watch {
    const HELP: &str = "\
The watch first prints the requests that are open. Then it follows all requests through every
status until the push. It cannot be narrowed by --status or --since.

Each line begins with the time at which the watch saw the change. A decision is one line. With
--json, it can be two events: the response and the status change.

Failed polls do not end the watch. A signal (Ctrl-C, SIGTERM) ends it with exit code 0.

Cursor:
  The cursor records the requests and changes that the watch has printed. A watch that resumes
  from it prints the changes since it was saved, and ignores --from-now. The file is saved after
  the lines are printed, so each event is printed at least once: after a crash, the last lines can
  be repeated, but none is lost. A cursor belongs to one host, scope and set of filters, and is
  refused for any other.

Examples:
  gh bypass watch --org octo-org
  gh bypass watch --org octo-org --json --cursor watch.json >> events.jsonl";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For GITHUB_STEP_SUMMARY, issues and chats
    Markdown,
    /// The counts, for programs
    Json,
    /// One row for each request
    Csv,
    /// A single self-contained page
    Html,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    /// Format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

impl Report {
    const EXAMPLES: &str = "\
GitHub keeps requests for a month, so a report cannot reach back further. Two reports of the same
requests differ only in the time at which the requests were read.

Examples:
  gh bypass report --org octo-org --since 7d
  gh bypass report --org octo-org --format html --output report.html
  gh bypass report --org octo-org --format markdown >> \"$GITHUB_STEP_SUMMARY\"";
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Completion {
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

impl Completion {
    const EXAMPLES: &str = "\
Examples:
  gh-bypass completion bash > ~/.local/share/bash-completion/completions/gh-bypass
  gh-bypass completion zsh > \"${fpath[1]}/_gh-bypass\"";
}
