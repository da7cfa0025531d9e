//! `gh bypass watch`: prints changes as they happen.

mod cursor;
mod demo;
mod polls;
mod stop;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Local, Utc};
use console::Style;
use github_bypass_requests::{Error, QueueEvent, QueueEventStream};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::args::{Args, FilterArgs, Status, Watch};
use crate::command::watch::cursor::CursorFile;
use crate::command::watch::polls::Polls;
use crate::command::watch::stop::Stop;
use crate::failure::{Code, Failure, Result, code_of, describe};
use crate::github::filter::Filter;
use crate::github::scope::Place;
use crate::github::session::Session;
use crate::output::row::style_of;
use crate::terminal::text::{self, visible};
use crate::terminal::time::rfc3339;
use crate::terminal::{Terminal, print, warn};

const EVERY: &str = "60s";
const EVERY_IN_DEMO: &str = "1s";
const DAY: u64 = 24 * 60 * 60;
/// After a signal, the time to wait for a line that is being written.
const GRACE: Duration = Duration::from_secs(1);

pub(crate) async fn run(
    args: &Args,
    watch: &Watch,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    let every = if args.demo { EVERY_IN_DEMO } else { EVERY };
    let every = parse_every(watch.every.as_deref().unwrap_or(every))?;
    let filter = parse_filter(&watch.filter, now)?;
    if args.demo && watch.cursor.is_some() {
        return Err(Failure::usage(
            "`--cursor` cannot be used with `--demo`, because each demo has new requests",
        ));
    }
    let place = Place::find(args, &watch.scope, terminal)?;
    let mut stop = Stop::new()?;
    let session = Session::open(args.demo, place.host.as_deref(), terminal).await?;
    let queue = filter.queue(&session.client, &place.scope);
    let mut queue = queue.watch().every(every);
    if watch.from_now {
        queue = queue.from_now();
    }
    let (mut file, mut events) = match &watch.cursor {
        Some(path) => {
            let (file, events) = CursorFile::open(path, queue)?;
            (Some(file), events)
        }
        None => (None, queue.events()),
    };
    terminal.notice(&format!(
        "Watching {}. Press Ctrl-C to stop.",
        visible(&place.scope.to_string())
    ));
    if let Some(fake) = session.fake {
        tokio::spawn(demo::play(fake, terminal.clone()));
    }
    let ended = follow(watch, terminal, &mut events, file.as_mut(), &mut stop).await?;
    if let Some(file) = &mut file {
        file.finish(&events)?;
    }
    ended.map_or(Ok(()), |code| Err(Failure::Reported(code)))
}

/// A result of polling the stream of events.
enum Step {
    Event(Box<QueueEvent>),
    /// A list has failed, and is no longer polled.
    Failed(Error),
    /// All lists have failed.
    End,
    /// No event is ready, and there may be something to report or to save.
    Idle,
}

/// Prints events until the watch is stopped. Returns an exit code if it ends because all lists have
/// failed.
async fn follow(
    watch: &Watch,
    terminal: &Terminal,
    events: &mut QueueEventStream,
    mut file: Option<&mut CursorFile>,
    stop: &mut Stop,
) -> Result<Option<Code>> {
    let mut polls = Polls::new(events.monitors());
    let mut ended = Code::Failed;
    loop {
        let is_saved = file.as_ref().is_none_or(|file| file.is_saved());
        let step = tokio::select! {
            biased;
            () = stop.requested() => return Ok(None),
            step = next(events, &polls, is_saved) => step,
        };
        match step {
            Step::Event(event) => {
                if let Some(line) = line(&event, watch.json, terminal)? {
                    print_before(line, stop).await?;
                }
                if let Some(file) = &mut file {
                    file.printed(events)?;
                }
            }
            Step::End => return Ok(Some(ended)),
            Step::Failed(error) => {
                let code = code_of(&error);
                // Without a token, each list has the same error.
                if code != Code::Auth || ended != Code::Auth {
                    warn(&describe(&error));
                }
                ended = ended.or(code);
            }
            Step::Idle => {
                polls.update(Utc::now()).iter().for_each(|line| warn(line));
                if let Some(file) = &mut file {
                    file.save(events)?;
                }
            }
        }
    }
}

/// Returns the next step. The monitors of the lists change only while this future runs, so it
/// checks them whenever the stream has no event.
async fn next(events: &mut QueueEventStream, polls: &Polls, is_saved: bool) -> Step {
    let mut event = pin!(events.try_next());
    poll_fn(|context| match event.as_mut().poll(context) {
        Poll::Ready(Ok(Some(event))) => Poll::Ready(Step::Event(Box::new(event))),
        Poll::Ready(Ok(None)) => Poll::Ready(Step::End),
        Poll::Ready(Err(error)) => Poll::Ready(Step::Failed(error)),
        Poll::Pending if !is_saved || polls.have_changed() => Poll::Ready(Step::Idle),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Prints a line. If nothing reads standard output, the line blocks. A signal ends the watch even
/// then, and the line counts as not printed.
async fn print_before(line: String, stop: &mut Stop) -> Result<()> {
    let mut printing = spawn_blocking(move || print(&line));
    let printed = tokio::select! {
        biased;
        printed = &mut printing => printed,
        () = stop.requested() => match timeout(GRACE, printing).await {
            Ok(printed) => printed,
            Err(_) => return Err(Failure::ClosedPipe),
        },
    };
    printed.map_err(Failure::failed)?
}

/// Returns the line of an event, or `None` if the line of another event shows the same decision.
fn line(event: &QueueEvent, json: bool, terminal: &Terminal) -> Result<Option<String>> {
    if json {
        let json = serde_json::to_string(event);
        return match json {
            Ok(json) => Ok(Some(text::json(&json))),
            Err(error) => Err(Failure::failed(error)),
        };
    }
    let Some(summary) = event.summary() else {
        return Ok(None);
    };
    let summary = visible(&summary);
    let now = Utc::now();
    Ok(Some(if terminal.is_terminal() {
        let time = now.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
        let time = terminal.paint(Style::new().dim(), &time.to_string());
        let summary = terminal.paint(style_of(event.request.status()), &summary);
        format!("{time}  {summary}")
    } else {
        format!("{}\t{summary}", rfc3339(now))
    }))
}

/// Parses the filters, and refuses those that do not work with a watch.
fn parse_filter(args: &FilterArgs, now: DateTime<Utc>) -> Result<Filter> {
    let filter = Filter::new(args, Status::All, now)?;
    if filter.status != Status::All {
        return Err(Failure::usage(
            "`watch` cannot be narrowed by `--status`, because a request would leave the list when \
             its status changes",
        ));
    }
    if args.since.is_some() {
        return Err(Failure::usage(
            "`watch` cannot be narrowed by `--since`; to leave out the requests that are already \
             open, use `--from-now`",
        ));
    }
    Ok(filter)
}

/// Parses an interval such as `30s`.
fn parse_every(text: &str) -> Result<Duration> {
    let parsed = [("s", 1), ("m", 60), ("h", 60 * 60)]
        .into_iter()
        .find_map(|(unit, seconds)| {
            let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
            count.checked_mul(seconds)
        });
    match parsed {
        Some(seconds @ 1..=DAY) => Ok(Duration::from_secs(seconds)),
        _ => Err(Failure::usage(format!(
            "`--every` must be an interval from 1s to 24h, such as 30s, 5m or 1h, not {text:?}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_a_unit_and_is_at_least_a_second() {
        for (text, seconds) in [("1s", 1), ("30s", 30), ("5m", 300), ("24h", 86_400)] {
            let parsed = parse_every(text).expect("an interval");
            assert_eq!(parsed, Duration::from_secs(seconds));
        }
        let invalid = ["", "5", "s", "0s", "0.5s", "-1s", "25h", "1d", "5 m", "ä"];
        let overflow = "18446744073709551615h";
        for text in invalid.into_iter().chain([overflow]) {
            let result = parse_every(text);
            assert!(
                matches!(result, Err(Failure::Message(Code::Usage, _))),
                "{text}"
            );
        }
    }
}
