//! `gh bypass approve` and `gh bypass reject`: decide requests.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use github_bypass_requests::{AnyBypassRequest, Decision, Error, ReviewResult};

use crate::args::{Args, Decide};
use crate::failure::{Failure, Result};
use crate::github::read;
use crate::github::reference::Reference;
use crate::github::session::Session;
use crate::output::row;
use crate::terminal::browser::open_page;
use crate::terminal::keys::Keys;
use crate::terminal::text::{count, visible};
use crate::terminal::{Terminal, print, prompt, warn};
use crate::write::message;
use crate::write::outcome::{Outcome, Refusal};
use crate::write::results::Results;
use crate::write::writer::Writer;

/// The message for the dry run that checks a request. It is never sent.
const PLACEHOLDER: &str = "check";

pub(crate) async fn run(
    args: &Args,
    decide: &Decide,
    decision: Decision,
    terminal: &Terminal,
) -> Result<()> {
    let message = given_message(decide)?;
    if message.is_none() && !decide.write.dry_run {
        prompt::require(
            terminal,
            "a message is required: use --message or --message-file",
        )?;
    }
    let references = Reference::parse_all(&decide.requests, args, terminal)?;
    let host = references
        .first()
        .and_then(|reference| reference.host.as_deref());
    let session = Session::open(args.demo, host, terminal).await?;
    let mut results = Results::default();
    let open = check(
        &session,
        &references,
        decision,
        decide.web,
        terminal,
        &mut results,
    )
    .await?;
    if decide.write.dry_run {
        for (reference, _) in &open {
            print(&format!("{reference}: would be {}", past(decision)))?;
        }
        return results.finish();
    }
    if open.is_empty() {
        return results.finish();
    }
    let asks = terminal.can_prompt && !decide.write.yes;
    if asks || message.is_none() {
        show(&open);
    }
    let message = ask(message, asks, decision, &open).await?;
    let mut writer = Writer::new(&session, decide.write.audit.as_deref())?;
    let mut rest = open.iter();
    let mut failure = None;
    for (reference, _) in rest.by_ref() {
        match writer.review(reference, decision, &message).await {
            Ok(written) => {
                let ends_all = results.add(reference, &written.outcome);
                failure = writer.take_failure();
                if ends_all || failure.is_some() {
                    break;
                }
            }
            Err(unrecorded) => {
                results.not_tried(std::iter::once(reference));
                failure = Some(unrecorded);
                break;
            }
        }
    }
    results.not_tried(rest.map(|(reference, _)| reference));
    failure.map_or_else(|| results.finish(), Err)
}

/// Asks for the message if there is none, and for confirmation if `confirms` is true.
async fn ask(
    message: Option<String>,
    confirms: bool,
    decision: Decision,
    open: &Open,
) -> Result<String> {
    if !confirms && let Some(message) = message {
        return Ok(message);
    }
    let mut keys = Keys::open()?;
    let message = match message {
        Some(message) => message,
        None => prompt::line(&mut keys, "Message to the requester", "", message::check).await?,
    };
    if confirms {
        let requests = match open.as_slice() {
            [(reference, _)] => reference.to_string(),
            _ => count(open.len(), "request"),
        };
        prompt::confirm(&mut keys, &format!("{} {requests}?", verb(decision))).await?;
    }
    Ok(message)
}

/// Returns the message from `--message` or `--message-file`, if one is given.
fn given_message(decide: &Decide) -> Result<Option<String>> {
    let message = match (&decide.message, &decide.message_file) {
        (Some(message), _) => Some(message.clone()),
        (None, Some(file)) => Some(read_message(file)?),
        (None, None) => None,
    };
    if let Some(message) = &message {
        message::check(message).map_err(Failure::usage)?;
    }
    Ok(message)
}

fn read_message(file: &Path) -> Result<String> {
    let mut message = String::new();
    // Reads no more than this, because a longer message is refused anyway.
    let limit = 64 * 1024;
    let read = if file == Path::new("-") {
        io::stdin().lock().take(limit).read_to_string(&mut message)
    } else {
        fs::File::open(file).and_then(|file| file.take(limit).read_to_string(&mut message))
    };
    let read = read.map_err(|error| {
        Failure::usage(format!(
            "the message cannot be read from {}: {error}",
            file.display()
        ))
    });
    read.map(|_| message.trim_end_matches(['\r', '\n']).to_owned())
}

/// The requests that can be reviewed.
type Open = Vec<(Reference, AnyBypassRequest)>;

/// Reads all requests before the first one is reviewed.
async fn check(
    session: &Session,
    references: &[Reference],
    decision: Decision,
    web: bool,
    terminal: &Terminal,
    results: &mut Results,
) -> Result<Open> {
    let mut open = Vec::new();
    let mut rest = references.iter();
    while let Some(reference) = rest.next() {
        match check_one(session, reference, decision).await {
            Ok(Checked::Open(request)) => open.push((reference.clone(), request)),
            Ok(Checked::Refused(reason)) => {
                results.add(reference, &Outcome::refused(reason));
            }
            Ok(Checked::PushRules(request)) => {
                let link = request.web_link();
                let page = link.unwrap_or("its page on GitHub");
                let reason = format!(
                    "a push rule request cannot be reviewed with the API; use {}",
                    visible(page)
                );
                results.add(reference, &Outcome::refused(reason));
                if let Some(link) = link.filter(|_| web)
                    && let Err(Failure::Message(_, error)) = open_page(terminal, link)
                {
                    warn(&error);
                }
            }
            // Only reads were sent, so nothing was changed.
            Err(error) => {
                if results.add(reference, &Outcome::Refused(Refusal::of(&error))) {
                    // Nothing is sent after a rejected token or a rate limit.
                    results.not_tried(open.iter().map(|(reference, _)| reference).chain(rest));
                    return Ok(Vec::new());
                }
            }
        }
    }
    Ok(open)
}

enum Checked {
    Open(AnyBypassRequest),
    Refused(String),
    PushRules(AnyBypassRequest),
}

async fn check_one(
    session: &Session,
    reference: &Reference,
    decision: Decision,
) -> Result<Checked, Error> {
    let name = &reference.repository;
    let repository = session
        .client
        .repository(&name.owner, &name.name)
        .secret_scanning();
    let review = repository.review_if_open(reference.number, decision, PLACEHOLDER);
    match review.dry_run().await {
        Ok(outcome) if matches!(outcome.result, ReviewResult::WouldReview { .. }) => {
            Ok(Checked::Open(outcome.request.into()))
        }
        Ok(outcome) => Ok(Checked::Refused(outcome.to_string())),
        Err(error) if error.is_not_found() => match read::one(&session.client, reference).await {
            Ok(request @ AnyBypassRequest::PushRules(_)) => Ok(Checked::PushRules(request)),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Shows the requests that are about to be reviewed.
fn show(open: &Open) {
    for (reference, request) in open {
        warn(&format!(
            "{reference}  {}, requested by {}",
            visible(&row::what(request)),
            visible(&request.requester().to_string())
        ));
    }
}

fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "Approve",
        _ => "Reject",
    }
}

fn past(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        _ => "denied",
    }
}
