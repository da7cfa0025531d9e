//! Everything that is told to `tracing` and to `log`, by us and by the libraries below.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What this thread tells, at its most verbose, from here to the end of the value; a test with a
/// runtime of its own thread tells all of it here.
pub(crate) struct Capture(());

impl Capture {
    pub(crate) fn start() -> Self {
        LazyLock::force(&LISTENING);
        LINES.set(Some(String::new()));
        Self(())
    }

    /// One span, event or record to a line.
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

/// One listener for all threads. With one of each test's own, `tracing` would take what another
/// test's thread tells first for something that nobody wants to hear.
static LISTENING: LazyLock<()> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Listener).expect("the only listener");
    log::set_logger(&Listener).expect("the only listener");
    log::set_max_level(log::LevelFilter::Trace);
});

struct Listener;

fn is_wanted() -> bool {
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

fn tell(what: &str, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Line)) {
    if is_wanted() {
        let target = metadata.map_or("", Metadata::target);
        let mut line = Line(format!("{what} {target}"));
        record(&mut line);
        push(&line.0);
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        tell("span", Some(span.metadata()), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        tell("record", None, |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        tell("event", Some(event.metadata()), |line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        is_wanted()
    }

    fn log(&self, record: &log::Record<'_>) {
        if is_wanted() {
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

    /// Unquoted, or an escaped secret would not be found.
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").expect("a string");
    }
}
