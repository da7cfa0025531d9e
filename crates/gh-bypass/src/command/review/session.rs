//! A review session: the requests, the keys and the decisions.

use std::fmt;

use chrono::Utc;
use console::Style;
use github_bypass_requests::{AnyBypassRequest, Decision, ResponseId};

use crate::command::review::history::History;
use crate::command::review::loader::{Loaded, Loader};
use crate::command::review::screen::{Bottom, Screen, View};
use crate::failure::{Code, Result};
use crate::github::read;
use crate::github::reference::Reference;
use crate::github::repository::RepositoryName;
use crate::github::scope::{Place, parse_repository};
use crate::github::session::Session;
use crate::output::card::{card, labelled, response_line};
use crate::output::row;
use crate::terminal::keys::{INTERRUPT, Input, Key, Keys};
use crate::terminal::line_editor::{Edit, LineEditor};
use crate::terminal::termination::Termination;
use crate::terminal::text::{count, visible};
use crate::terminal::{Terminal, browser};
use crate::write::message;
use crate::write::outcome::{Outcome, Refusal};
use crate::write::writer::Writer;

const KEYS: &str = "a approve  r reject  s skip  o open  u undo  A/R all similar  ? help  q quit";

const CONFIRM: &str = "Press y to confirm, or n to go back";

const HELP: [&str; 12] = [
    "a    approve this request",
    "r    reject this request",
    "s    skip it; skipped requests come back at the end",
    "o    open its page in the browser",
    "u    undo the last decision of this session",
    "A R  approve or reject all requests with the same requester, repository and secret",
    "     type; you confirm by typing how many there are",
    "↑ ↓  scroll; PageUp and PageDown scroll by a page",
    "q    quit; Ctrl-C quits, too",
    "",
    "Each decision asks for a message, and then for the key y. Enter decides nothing.",
    "A request that a colleague has decided is never decided again.",
];

/// A request and its outcome in this session.
struct Item {
    request: AnyBypassRequest,
    reference: Reference,
    /// `None` if the request is still undecided.
    verdict: Option<String>,
}

/// The next step of the session.
enum Step {
    Continue,
    Quit,
}

/// How a user cancels a question.
enum Cancelled {
    /// The user returns to the request.
    Question,
    /// The user leaves the session.
    Session,
}

/// A decision of this session that can be undone.
#[derive(Clone, Copy)]
struct Decided {
    item: usize,
    response: ResponseId,
}

/// The lines to print and the exit code after the screen is closed.
pub(crate) struct Summary {
    pub(crate) lines: Vec<String>,
    pub(crate) code: Option<Code>,
}

pub(crate) struct ReviewSession<'a> {
    session: &'a Session,
    writer: Writer<'a>,
    loader: Loader,
    terminal: &'a Terminal,
    place: &'a Place,
    screen: Screen,
    keys: Keys,
    items: Vec<Item>,
    history: History,
    is_loading: bool,
    /// The index of the request on the screen. After the last request, the number of requests.
    current: usize,
    scroll: usize,
    shows_help: bool,
    status: String,
    /// The last message. It prefills the message of the next decision.
    message: String,
    decided: Vec<Decided>,
    /// Failures, such as lists that could not be read. They are printed at the end.
    failures: Vec<String>,
    code: Option<Code>,
    /// True if the last review failed in a way that all others would, too.
    ends_all: bool,
    termination: Termination,
}

impl<'a> ReviewSession<'a> {
    pub(crate) fn open(
        session: &'a Session,
        writer: Writer<'a>,
        loader: Loader,
        terminal: &'a Terminal,
        place: &'a Place,
        message: String,
    ) -> Result<Self> {
        let keys = Keys::open()?;
        Ok(Self {
            session,
            writer,
            loader,
            terminal,
            place,
            screen: Screen::open()?,
            keys,
            items: Vec::new(),
            history: History::default(),
            is_loading: true,
            current: 0,
            scroll: 0,
            shows_help: false,
            status: String::new(),
            message,
            decided: Vec::new(),
            failures: Vec::new(),
            code: None,
            ends_all: false,
            termination: Termination::new(),
        })
    }

    /// Runs until the user quits.
    pub(crate) async fn run(&mut self) -> Result<()> {
        loop {
            self.draw(&Bottom::Text(KEYS))?;
            let step = tokio::select! {
                biased;
                () = self.termination.recv() => Step::Quit,
                input = self.keys.next() => self.handle(&input?).await?,
                loaded = self.loader.next() => {
                    self.absorb(loaded);
                    Step::Continue
                }
            };
            let nothing_to_review = !self.is_loading && self.items.is_empty();
            if matches!(step, Step::Quit) || nothing_to_review {
                return Ok(());
            }
        }
    }

    pub(crate) fn summary(&self) -> Summary {
        let scope = &self.place.scope;
        let decided = self
            .items
            .iter()
            .filter(|item| item.verdict.is_some())
            .count();
        let mut lines = self.failures.clone();
        if self.items.is_empty() && self.code.is_some() {
            return Summary {
                lines,
                code: self.code,
            };
        }
        lines.push(if self.items.is_empty() {
            format!("No open bypass requests in {scope}")
        } else {
            format!(
                "{} of {} decided in {scope}",
                decided,
                count(self.items.len(), "request")
            )
        });
        Summary {
            lines,
            code: self.code,
        }
    }

    /// Handles a message from the loader.
    fn absorb(&mut self, loaded: Loaded) {
        match loaded {
            Loaded::Request(request) => {
                // A request without a repository cannot be reviewed or read.
                if let Ok((_, repository)) = parse_repository(&request.repository().to_string()) {
                    self.push(request, repository);
                }
            }
            Loaded::AllRequests => self.is_loading = false,
            Loaded::Past(request) => self.history.add(&request),
            Loaded::AllPast => self.history.is_complete = true,
            Loaded::Refreshed(index, request) => self.refreshed(index, request),
            Loaded::Failed(code, error) => {
                self.status.clone_from(&error);
                self.fail(code, error);
            }
        }
    }

    fn push(&mut self, request: AnyBypassRequest, repository: RepositoryName) {
        let reference = Reference {
            host: self.place.host.clone(),
            repository,
            number: request.number(),
        };
        self.items.push(Item {
            request,
            reference,
            verdict: None,
        });
    }

    /// Replaces a request that was read again. If a colleague has decided it, says so.
    fn refreshed(&mut self, index: usize, request: AnyBypassRequest) {
        let Some(item) = self.items.get_mut(index) else {
            return;
        };
        if item.verdict.is_none() && !request.is_reviewable(Utc::now()) {
            let decision = request
                .deciding_response()
                .map(|response| response_line(response, Utc::now()));
            let verdict = decision.unwrap_or_else(|| request.status().to_string());
            if index == self.current {
                self.status = format!(
                    "{} was decided in the meantime: {}",
                    item.reference,
                    visible(&verdict)
                );
            }
            item.verdict = Some(verdict);
        }
        item.request = request;
    }

    fn fail(&mut self, code: Code, line: String) {
        self.failures.push(line);
        self.code = Some(self.code.map_or(code, |known| known.or(code)));
    }

    async fn handle(&mut self, input: &Input) -> Result<Step> {
        let Input::Key(key) = input else {
            // Pasted text is not a command. After a resize, drawing again is enough.
            return Ok(Step::Continue);
        };
        if self.shows_help {
            self.shows_help = false;
            return Ok(Step::Continue);
        }
        let step = match key {
            Key::Char('a') => self.decide(Decision::Approve).await?,
            Key::Char('r') => self.decide(Decision::Reject).await?,
            Key::Char('A') => self.decide_alike(Decision::Approve).await?,
            Key::Char('R') => self.decide_alike(Decision::Reject).await?,
            Key::Char('u') => self.undo().await?,
            Key::Char('q') | Key::Control('c') => Step::Quit,
            _ => {
                self.navigate(*key);
                Step::Continue
            }
        };
        Ok(step)
    }

    fn navigate(&mut self, key: Key) {
        let page = self.screen.body_height();
        match key {
            Key::Char('s') => {
                self.status.clear();
                self.advance();
            }
            Key::Char('o') => self.browse(),
            Key::Char('?') => self.shows_help = true,
            Key::Down => self.scroll += 1,
            Key::Up => self.scroll = self.scroll.saturating_sub(1),
            Key::PageDown => self.scroll += page,
            Key::PageUp => self.scroll = self.scroll.saturating_sub(page),
            _ => {}
        }
    }

    fn browse(&mut self) {
        let link = self
            .items
            .get(self.current)
            .and_then(|item| item.request.web_link());
        self.status = match link {
            Some(link) => {
                let page = link.to_owned();
                // A browser that is started by this command may run until it is closed.
                std::thread::spawn(move || browser::open(&page));
                format!("opening {}", visible(link))
            }
            None => "there is no page to open".to_owned(),
        };
    }

    /// Moves to the next undecided request, or to the end if there is none. From the end, moves to
    /// the first undecided request.
    fn advance(&mut self) {
        let start = if self.current >= self.items.len() {
            0
        } else {
            self.current + 1
        };
        let mut indices = start..self.items.len();
        let is_undecided = |index: &usize| {
            self.items
                .get(*index)
                .is_some_and(|item| item.verdict.is_none())
        };
        self.go_to(indices.find(is_undecided).unwrap_or(self.items.len()));
    }

    fn go_to(&mut self, index: usize) {
        self.current = index;
        self.scroll = 0;
        if let Some(item) = self.items.get(index) {
            // Another reviewer may have decided the request since the list was read.
            let client = self.session.client.clone();
            let reference = item.reference.clone();
            self.loader
                .refresh(index, async move { read::one(&client, &reference).await });
        }
    }

    /// Approves or rejects the request on the screen.
    async fn decide(&mut self, decision: Decision) -> Result<Step> {
        let Some(item) = self.items.get(self.current) else {
            self.status = "there is no request to decide".to_owned();
            return Ok(Step::Continue);
        };
        if let Some(obstacle) = obstacle(item) {
            self.status = obstacle;
            return Ok(Step::Continue);
        }
        let name = visible(&item.reference.to_string());
        let verb = Verb(decision);
        let message = match self
            .ask_message(&format!("{verb} {name} with the message: "))
            .await?
        {
            Ok(message) => message,
            Err(cancelled) => return Ok(self.cancel(&cancelled)),
        };
        self.status = format!("{verb} {name} with \"{}\"", visible(&message));
        if let Err(cancelled) = self.confirm().await? {
            return Ok(self.cancel(&cancelled));
        }
        let index = self.current;
        self.send(index, decision, &message).await
    }

    /// Approves or rejects all requests that are like the one on the screen.
    async fn decide_alike(&mut self, decision: Decision) -> Result<Step> {
        let alike = self.alike();
        let Some(item) = self.items.get(self.current).filter(|_| !alike.is_empty()) else {
            self.status = "there is no request to decide".to_owned();
            return Ok(Step::Continue);
        };
        let verb = Verb(decision);
        let all = format!(
            "{} of {} for {} in {}",
            count(alike.len(), "request"),
            visible(&item.request.requester().to_string()),
            visible(&row::what(&item.request)),
            visible(&item.reference.repository.to_string()),
        );
        self.status = format!("{verb}: {all}");
        let message = match self
            .ask_message(&format!("{verb} {} with the message: ", alike.len()))
            .await?
        {
            Ok(message) => message,
            Err(cancelled) => return Ok(self.cancel(&cancelled)),
        };
        self.status = format!("{verb} {all} with \"{}\"", visible(&message));
        if let Err(cancelled) = self.confirm_count(alike.len()).await? {
            return Ok(self.cancel(&cancelled));
        }
        let mut left = alike.len();
        for index in alike {
            left -= 1;
            if matches!(self.send(index, decision, &message).await?, Step::Quit) {
                return Ok(Step::Quit);
            }
            if self.ends_all {
                self.fail(
                    Code::Failed,
                    format!("{left} similar requests were not tried"),
                );
                break;
            }
        }
        Ok(Step::Continue)
    }

    /// Returns the undecided requests with the same repository, requester and secret types as the
    /// one on the screen.
    fn alike(&self) -> Vec<usize> {
        let Some(this) = self.items.get(self.current) else {
            return Vec::new();
        };
        let is_alike = |item: &Item| {
            obstacle(item).is_none()
                && item.reference.repository == this.reference.repository
                && item.request.requester() == this.request.requester()
                && row::what(&item.request) == row::what(&this.request)
        };
        let alike = self
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| is_alike(item));
        alike.map(|(index, _)| index).collect()
    }

    /// Sends a review, shows its outcome, and moves on.
    async fn send(&mut self, index: usize, decision: Decision, message: &str) -> Result<Step> {
        let Some(item) = self.items.get_mut(index) else {
            return Ok(Step::Continue);
        };
        let reference = item.reference.clone();
        let name = visible(&reference.to_string());
        self.screen
            .draw_bottom(&format!("{name}: waiting for GitHub …"))?;
        let written = {
            let mut write = std::pin::pin!(self.writer.review(&reference, decision, message));
            wait(&mut self.keys, &self.screen, &mut write).await?
        };
        let Some(written) = written else {
            self.writer.abandon(&reference, decision.as_str())?;
            self.fail(
                Code::Failed,
                format!("{name}: unknown: the review may have been recorded"),
            );
            return Ok(Step::Quit);
        };
        self.ends_all = false;
        match written.outcome {
            Outcome::Done(what) => {
                self.status = format!("{name}: {}. Press u to undo", visible(&what));
                item.verdict = Some(what);
                let response = written.response_id;
                self.decided.extend(response.map(|response| Decided {
                    item: index,
                    response,
                }));
                self.message = message.to_owned();
                self.current = index;
                self.advance();
            }
            Outcome::Refused(refusal) => {
                self.ends_all = refusal.ends_all;
                self.status = format!("{name}: {}", visible(&refusal.reason));
                self.fail(refusal.code, format!("{name}: {}", refusal.reason));
                self.go_to(index);
            }
            Outcome::Unknown(reason) => {
                self.status = format!("{name}: unknown: {}", visible(&reason));
                item.verdict = Some("unknown".to_owned());
                self.fail(Code::Failed, format!("{name}: unknown: {reason}"));
            }
        }
        match self.writer.take_failure() {
            Some(failure) => Err(failure),
            None => Ok(Step::Continue),
        }
    }

    /// Dismisses the response of the last decision.
    async fn undo(&mut self) -> Result<Step> {
        let last = self.decided.last().copied();
        let Some(Decided {
            item: index,
            response,
        }) = last
        else {
            self.status = "there is no decision to undo".to_owned();
            return Ok(Step::Continue);
        };
        let Some(item) = self.items.get(index) else {
            return Ok(Step::Continue);
        };
        let reference = item.reference.clone();
        let name = visible(&reference.to_string());
        let verdict = item.verdict.clone().unwrap_or_default();
        self.status = format!("Undo: {name} {}", visible(&verdict));
        if let Err(cancelled) = self.confirm().await? {
            return Ok(self.cancel(&cancelled));
        }
        self.screen
            .draw_bottom(&format!("{name}: waiting for GitHub …"))?;
        let outcome = {
            let mut write = std::pin::pin!(self.writer.dismiss(&reference, response));
            wait(&mut self.keys, &self.screen, &mut write).await?
        };
        match outcome {
            None => {
                self.writer.abandon(&reference, "dismiss")?;
                self.fail(
                    Code::Failed,
                    format!("{name}: unknown: the response may have been dismissed"),
                );
                return Ok(Step::Quit);
            }
            Some(Outcome::Done(what)) => {
                self.decided.pop();
                if let Some(item) = self.items.get_mut(index) {
                    item.verdict = None;
                }
                self.status = format!("{name}: {}", visible(&what));
                self.go_to(index);
            }
            Some(Outcome::Unknown(reason)) => {
                self.status = format!("{name}: unknown: {}", visible(&reason));
                self.fail(Code::Failed, format!("{name}: unknown: {reason}"));
            }
            Some(Outcome::Refused(Refusal { reason, code, .. })) => {
                self.status = format!("{name}: not undone: {}", visible(&reason));
                self.fail(code, format!("{name}: not undone: {reason}"));
            }
        }
        match self.writer.take_failure() {
            Some(failure) => Err(failure),
            None => Ok(Step::Continue),
        }
    }

    /// Returns the next input. A signal that asks the process to end counts as Ctrl-C.
    async fn input(&mut self) -> Result<Input> {
        tokio::select! {
            biased;
            () = self.termination.recv() => Ok(INTERRUPT),
            input = self.keys.next() => input,
        }
    }

    fn cancel(&mut self, cancelled: &Cancelled) -> Step {
        self.status = "nothing was sent".to_owned();
        match cancelled {
            Cancelled::Question => Step::Continue,
            Cancelled::Session => Step::Quit,
        }
    }

    /// Asks for the message to the requester.
    async fn ask_message(&mut self, label: &str) -> Result<Result<String, Cancelled>> {
        let mut editor = LineEditor::new(&self.message);
        self.keys.drain().await;
        loop {
            self.draw(&Bottom::Edit {
                label,
                editor: &editor,
            })?;
            let input = self.input().await?;
            if input == Input::Key(Key::Control('c')) {
                return Ok(Err(Cancelled::Session));
            }
            self.status.clear();
            match editor.handle(&input) {
                Edit::Continue => {}
                Edit::Cancel => return Ok(Err(Cancelled::Question)),
                Edit::Accept => match message::check(&editor.text()) {
                    Ok(()) => return Ok(Ok(editor.text())),
                    Err(why) => self.status = why,
                },
            }
        }
    }

    /// Asks the user to press `y`. The status line shows what that confirms. Other keys and pasted
    /// text cancel or do nothing.
    async fn confirm(&mut self) -> Result<Result<(), Cancelled>> {
        self.keys.drain().await;
        loop {
            self.draw(&Bottom::Text(CONFIRM))?;
            match self.input().await? {
                Input::Key(Key::Char('y')) if !self.keys.is_burst().await => return Ok(Ok(())),
                Input::Key(Key::Control('c')) => return Ok(Err(Cancelled::Session)),
                Input::Key(Key::Char('n' | 'q') | Key::Escape) => {
                    return Ok(Err(Cancelled::Question));
                }
                _ => {}
            }
        }
    }

    /// Asks the user to type the number of requests. Pasted text does not count.
    async fn confirm_count(&mut self, count: usize) -> Result<Result<(), Cancelled>> {
        let label = format!("Type {count} and press Enter to confirm, or Esc to cancel: ");
        let mut editor = LineEditor::default();
        self.keys.drain().await;
        loop {
            self.draw(&Bottom::Edit {
                label: &label,
                editor: &editor,
            })?;
            let input = self.input().await?;
            if input == Input::Key(Key::Control('c')) {
                return Ok(Err(Cancelled::Session));
            }
            if matches!(input, Input::Paste(_)) || self.keys.is_burst().await {
                editor = LineEditor::default();
                continue;
            }
            match editor.handle(&input) {
                Edit::Cancel => return Ok(Err(Cancelled::Question)),
                Edit::Accept if editor.text().trim() == count.to_string() => return Ok(Ok(())),
                Edit::Accept | Edit::Continue => {}
            }
        }
    }

    fn draw(&mut self, bottom: &Bottom<'_>) -> Result<()> {
        let (width, _) = self.screen.size();
        let terminal = self.terminal.for_screen(width);
        let body = self.body(&terminal);
        self.scroll = self
            .scroll
            .min(body.len().saturating_sub(self.screen.body_height()));
        let view = View {
            header: self.header(),
            body,
            scroll: self.scroll,
            status: &self.status,
            bottom: *bottom,
        };
        self.screen.draw(&terminal, &view)
    }

    fn header(&self) -> String {
        let all = self.items.len();
        let more = if self.is_loading { "+ (loading)" } else { "" };
        let place = (self.current + 1).min(all);
        let demo = if self.session.fake.is_some() {
            "demo · "
        } else {
            ""
        };
        format!("{demo}{} · {place} of {all}{more}", self.place.scope)
    }

    fn body(&self, terminal: &Terminal) -> Vec<String> {
        if self.shows_help {
            return HELP.map(str::to_owned).to_vec();
        }
        let Some(item) = self.items.get(self.current) else {
            return self.end();
        };
        let now = Utc::now();
        let mut lines = card(terminal, &item.request, now);
        if let Some(verdict) = &item.verdict {
            let verdict = format!("In this session: {}", visible(verdict));
            lines.insert(1, terminal.paint(Style::new().yellow(), &verdict));
        }
        lines.push(String::new());
        for (label, text) in self.history.lines(&item.request, now) {
            lines.extend(labelled(terminal, label, &text));
        }
        lines
    }

    /// Returns the lines that are shown after the last request.
    fn end(&self) -> Vec<String> {
        let skipped = self
            .items
            .iter()
            .filter(|item| item.verdict.is_none())
            .count();
        let text = match (self.is_loading, skipped) {
            (true, _) => "Loading …".to_owned(),
            (false, 0) => "All requests are decided. Press q to quit.".to_owned(),
            (false, skipped) => format!(
                "This was the last request. {} skipped. Press s to start again, or q to quit.",
                count(skipped, "request")
            ),
        };
        vec![text]
    }
}

/// Returns the reason why a request cannot be decided, or `None` if it can.
fn obstacle(item: &Item) -> Option<String> {
    if let Some(verdict) = &item.verdict {
        return Some(format!("already decided: {}", visible(verdict)));
    }
    match item.request {
        AnyBypassRequest::SecretScanning(_) => None,
        _ => Some(
            "a push rule request cannot be reviewed with the API; press o to open its page"
                .to_owned(),
        ),
    }
}

/// Waits until a change has an outcome. If the user presses Ctrl-C twice, returns `None`.
async fn wait<T>(
    keys: &mut Keys,
    screen: &Screen,
    change: &mut (impl Future<Output = Result<T>> + Unpin),
) -> Result<Option<T>> {
    let mut interrupts = 0;
    loop {
        tokio::select! {
            biased;
            written = &mut *change => return written.map(Some),
            input = keys.next() => if input? == Input::Key(Key::Control('c')) {
                interrupts += 1;
                if interrupts == 2 {
                    return Ok(None);
                }
                screen.draw_bottom(
                    "Waiting for GitHub. If you press Ctrl-C again, the outcome stays unknown",
                )?;
            },
        }
    }
}

/// A decision as a verb: `Approve` or `Reject`.
struct Verb(Decision);

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Decision::Approve => "Approve",
            _ => "Reject",
        })
    }
}
