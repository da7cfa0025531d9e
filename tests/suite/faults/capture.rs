//! Captures what the client and its dependencies log with `tracing` and `log`.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Captures the log of this thread, at all levels, until this value is dropped.
///
/// A test on a current-thread runtime logs everything on this thread.
pub(crate) struct Capture(());

impl Capture {
    pub(crate) fn start() -> Self {
        LazyLock::force(&INSTALLED);
        LINES.set(Some(String::new()));
        Self(())
    }

    /// Returns the log, with one line per span, event or record.
    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(Clone::clone).unwrap_or_default()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

thread_local! {
    static LINES: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Installs one recorder for all threads.
///
/// `tracing` decides only once, for all threads, whether a callsite is enabled. Suppose that each
/// test had its own recorder. If a thread without a recorder reached a callsite first, `tracing`
/// would disable the callsite for all tests.
static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Recorder).expect("no other recorder");
    log::set_logger(&Recorder).expect("no other recorder");
    log::set_max_level(log::LevelFilter::Trace);
});

struct Recorder;

fn is_capturing() -> bool {
    LINES.with_borrow(Option::is_some)
}

fn push(line: &str) {
    LINES.with_borrow_mut(|lines| {
        if let Some(lines) = lines {
            lines.push_str(line);
            lines.push('\n');
        }
    });
}

fn write_line(kind: &str, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Line)) {
    if is_capturing() {
        let target = metadata.map_or("", Metadata::target);
        let mut line = Line(format!("{kind} {target}"));
        record(&mut line);
        push(&line.0);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        write_line("span", Some(span.metadata()), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        write_line("record", None, |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        write_line("event", Some(event.metadata()), |line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        is_capturing()
    }

    fn log(&self, record: &log::Record<'_>) {
        if is_capturing() {
            push(&format!("log {} {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a string");
    }

    /// Writes the value without quotes and escapes, so that a search finds the secrets in it.
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").expect("a string");
    }
}
