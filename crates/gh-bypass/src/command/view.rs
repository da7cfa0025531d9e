//! `gh bypass view`: shows one request.

use chrono::{DateTime, Utc};
use github_bypass_requests::AnyBypassRequest;

use crate::args::{Args, View};
use crate::failure::{Failure, Result};
use crate::github::read;
use crate::github::reference::Reference;
use crate::github::session::Session;
use crate::output::card;
use crate::output::fields::Json;
use crate::terminal::browser::open_page;
use crate::terminal::{Terminal, pager};

pub(crate) async fn run(
    args: &Args,
    view: &View,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    if args.demo && view.web {
        return Err(Failure::usage(
            "`--web` cannot be used with `--demo`, which has no web pages",
        ));
    }
    let json = Json::new(&view.json)?;
    let reference = Reference::parse(&view.request, args, terminal)?;
    let session = Session::open(args.demo, reference.host.as_deref(), terminal).await?;
    let request: AnyBypassRequest = read::one(&session.client, &reference).await?;
    if view.web {
        let link = request.web_link();
        let link = link.ok_or_else(|| Failure::failed(format!("{reference} has no web page")))?;
        return open_page(terminal, link);
    }
    match json {
        Some(json) => json.print_one(terminal, &request),
        None if terminal.is_terminal() => {
            pager::show(terminal, &card::card(terminal, &request, now).join("\n"))
        }
        None => pager::show(terminal, &card::tabs(&request).join("\n")),
    }
}
