//! Compares the facts of the fragment with the facts of GitHub's own OpenAPI description.
//!
//! ```text
//! description | lock -> facts \
//!                              compare -> check against the ledger -> report
//!           fragment -> facts /
//! ```
//!
//! Three steps do I/O: reading the inputs, printing the report, and writing the lock. All other
//! steps are pure.

mod compare;
mod extract;
mod facts;
mod ledger;
mod lock;
mod report;
mod upstream;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::drift::extract::facts;
use crate::drift::lock::{LOCK, Lock};
use crate::drift::report::{Accepted, Report};
use crate::exit::CHECK_FAILED;
use crate::fragment;

/// The output format.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Plain text, grouped by operation.
    Text,
    /// One JSON object.
    Json,
}

/// Compares the fragment with the description at `path_or_url`. If `path_or_url` is `None`, the
/// fragment is compared with the lock.
///
/// If `accept` is true, the lock is replaced with the facts of the description.
pub(crate) fn run(
    root: &Path,
    path_or_url: Option<&str>,
    accept: bool,
    format: Format,
) -> Result<ExitCode> {
    let fragment = facts(&fragment::read(root)?);
    let upstream = match path_or_url {
        Some(path_or_url) => {
            let description = upstream::read(path_or_url)?;
            Lock {
                operations: facts(&description.document),
                source: description.source,
            }
        }
        None => lock::read(root)?.with_context(|| {
            format!("there is no {LOCK}: run `cargo xtask drift --upstream PATH_OR_URL --accept`")
        })?,
    };
    let declarations = ledger::read(
        root,
        upstream.source.edition.as_deref(),
        &upstream.operations,
        &fragment,
    )?;
    let differences = compare::differences(&upstream.operations, &fragment);
    let drift = ledger::check(&differences, &declarations, &upstream.operations, &fragment);
    let accepted = if accept {
        Some(self::accept(root, &upstream)?)
    } else {
        None
    };
    let report = Report {
        names: report::names(&upstream.operations, &fragment),
        drift,
        differences: differences.len(),
        source: upstream.source,
        accepted,
    };
    match format {
        Format::Text => print!("{report}"),
        Format::Json => println!("{:#}", report.to_json()),
    }
    Ok(if report.drift.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(CHECK_FAILED)
    })
}

fn accept(root: &Path, upstream: &Lock) -> Result<Accepted> {
    if upstream.operations.is_empty() {
        bail!(
            "cannot accept {}: it has no operations or webhooks about bypass requests",
            upstream.source
        );
    }
    // A lock that cannot be read counts as missing, and is replaced.
    let before = lock::read(root).ok().flatten();
    let (source, operations) = before.map(|lock| (lock.source, lock.operations)).unzip();
    Ok(Accepted {
        changes: compare::differences(&upstream.operations, &operations.unwrap_or_default()),
        before: source,
        written: lock::write(root, upstream)?,
    })
}
