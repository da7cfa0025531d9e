//! `gh bypass undo`: dismisses the response that decides a request.

use chrono::{DateTime, Utc};
use github_bypass_requests::{AnyBypassRequest, RequestStatus, ResponseId};

use crate::args::{Args, Undo};
use crate::failure::Result;
use crate::github::read;
use crate::github::reference::Reference;
use crate::github::session::Session;
use crate::output::card::response_line;
use crate::terminal::keys::Keys;
use crate::terminal::text::{count, visible};
use crate::terminal::{Terminal, print, prompt, warn};
use crate::write::outcome::{Outcome, Refusal};
use crate::write::results::Results;
use crate::write::writer::Writer;

/// A request, and the response to dismiss.
struct Target {
    reference: Reference,
    response: ResponseId,
    /// The reviewer, the status and the time of the response.
    description: String,
}

pub(crate) async fn run(
    args: &Args,
    undo: &Undo,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    let references = Reference::parse_all(&undo.requests, args, terminal)?;
    let host = references
        .first()
        .and_then(|reference| reference.host.as_deref());
    let session = Session::open(args.demo, host, terminal).await?;
    let mut results = Results::default();
    let targets = find(&session, &references, now, &mut results).await?;
    if undo.write.dry_run {
        for target in &targets {
            print(&format!(
                "{}: would dismiss: {}",
                target.reference, target.description
            ))?;
        }
        return results.finish();
    }
    if targets.is_empty() {
        return results.finish();
    }
    confirm(&targets, undo.write.yes, terminal).await?;
    let mut writer = Writer::new(&session, undo.write.audit.as_deref())?;
    let mut rest = targets.iter();
    let mut failure = None;
    for target in rest.by_ref() {
        let outcome = match writer.dismiss(&target.reference, target.response).await {
            Ok(Outcome::Done(what)) => Outcome::Done(format!("{what}: {}", target.description)),
            Ok(outcome) => outcome,
            Err(unrecorded) => {
                results.not_tried(std::iter::once(&target.reference));
                failure = Some(unrecorded);
                break;
            }
        };
        let ends_all = results.add(&target.reference, &outcome);
        failure = writer.take_failure();
        if ends_all || failure.is_some() {
            break;
        }
    }
    results.not_tried(rest.map(|target| &target.reference));
    failure.map_or_else(|| results.finish(), Err)
}

/// Asks for confirmation. GitHub does not say who owns a token, so any response may be somebody
/// else's.
async fn confirm(targets: &[Target], yes: bool, terminal: &Terminal) -> Result<()> {
    if yes {
        return Ok(());
    }
    for target in targets {
        warn(&format!("{}: {}", target.reference, target.description));
    }
    prompt::require(
        terminal,
        "the response may be somebody else's: to dismiss it without confirmation, use --yes",
    )?;
    prompt::confirm(
        &mut Keys::open()?,
        &format!("Dismiss {}?", count(targets.len(), "response")),
    )
    .await
}

/// Reads all requests before the first response is dismissed.
async fn find(
    session: &Session,
    references: &[Reference],
    now: DateTime<Utc>,
    results: &mut Results,
) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    let mut rest = references.iter();
    while let Some(reference) = rest.next() {
        let outcome = match read::one(&session.client, reference).await {
            Ok(request) => match target(reference, &request, now) {
                Ok(target) => {
                    targets.push(target);
                    continue;
                }
                Err(reason) => Outcome::refused(reason),
            },
            Err(error) => Outcome::Refused(Refusal::of(&error)),
        };
        if results.add(reference, &outcome) {
            // Nothing is sent after a rejected token or a rate limit.
            let found = targets.iter().map(|target: &Target| &target.reference);
            results.not_tried(found.chain(rest));
            return Ok(Vec::new());
        }
    }
    Ok(targets)
}

/// Returns the newest response that is still in effect, or the reason why it cannot be dismissed.
fn target(
    reference: &Reference,
    request: &AnyBypassRequest,
    now: DateTime<Utc>,
) -> Result<Target, String> {
    if matches!(request, AnyBypassRequest::PushRules(_)) {
        return Err(
            "the response to a push rule request cannot be dismissed with the API".to_owned(),
        );
    }
    if *request.status() == RequestStatus::Completed {
        return Err("it is too late: the push has happened".to_owned());
    }
    let response = request
        .deciding_response()
        .ok_or("there is no response to dismiss")?;
    Ok(Target {
        reference: reference.clone(),
        response: response
            .id
            .ok_or("GitHub did not send the id of the response")?,
        description: visible(&response_line(response, now)),
    })
}
