//! `gh bypass list`: lists requests.

use chrono::{DateTime, Utc};
use github_bypass_requests::AnyBypassRequest;

use crate::args::{Args, List, Sort, Status};
use crate::failure::{Failure, Result};
use crate::github::filter::Filter;
use crate::github::host::default_host;
use crate::github::read::{self, Extent, Next};
use crate::github::scope::{Place, Scope};
use crate::github::session::Session;
use crate::output::fields::Json;
use crate::output::row;
use crate::terminal::browser::open_page;
use crate::terminal::text::count;
use crate::terminal::{Terminal, pager, print};

/// The largest page of GitHub's lists.
const MAX_PAGE: u32 = 100;

pub(crate) async fn run(
    args: &Args,
    list: &List,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    if args.demo && list.web {
        return Err(Failure::usage(
            "`--web` cannot be used with `--demo`, which has no web pages",
        ));
    }
    let json = Json::new(&list.json)?;
    let filter = Filter::new(&list.filter, Status::Open, now)?;
    let place = Place::find(args, &list.scope, terminal)?;
    if list.web {
        return open_page(terminal, &page(&place));
    }
    let session = Session::open(args.demo, place.host.as_deref(), terminal).await?;
    let (requests, extent) = fetch(&session, &place.scope, &filter, list, terminal).await?;
    extent.check()?;
    match json {
        Some(json) => json.print_all(terminal, &requests)?,
        None if terminal.is_terminal() => {
            let heading = heading(&requests, &extent, filter.status, &place.scope);
            let has_repository = !matches!(place.scope, Scope::Repository(_));
            let text = if requests.is_empty() {
                heading
            } else {
                let has_status = filter.status != Status::Open;
                let rows = row::rows(terminal, &requests, has_repository, has_status, now);
                format!("{heading}\n\n{rows}")
            };
            pager::show(terminal, &text)?;
        }
        None => {
            for request in &requests {
                print(&row::tabs(request))?;
            }
        }
    }
    extent.finish()
}

/// Reads only the requests that are printed. To sort by expiry, reads the whole list.
async fn fetch(
    session: &Session,
    scope: &Scope,
    filter: &Filter,
    list: &List,
    terminal: &Terminal,
) -> Result<(Vec<AnyBypassRequest>, Extent)> {
    let limit = usize::try_from(list.limit).unwrap_or(usize::MAX);
    let queue = filter.queue(&session.client, scope);
    let mut stream = match list.sort {
        Sort::Created => queue.per_page(list.limit.min(MAX_PAGE)).stream(),
        Sort::Expires => queue.per_page(MAX_PAGE).stream(),
    };
    let mut requests = Vec::new();
    let mut extent = read::each(session, &mut stream, terminal, |request| {
        requests.push(request);
        let is_full = list.sort == Sort::Created && requests.len() >= limit;
        Ok(if is_full { Next::Stop } else { Next::Continue })
    })
    .await?;
    if list.sort == Sort::Expires {
        // Requests that never expire come last.
        requests.sort_by_key(|request| (request.expires_at().is_none(), request.expires_at()));
        extent.has_more = requests.len() > limit;
        requests.truncate(limit);
    }
    Ok((requests, extent))
}

/// Returns the line above the table.
fn heading(
    requests: &[AnyBypassRequest],
    extent: &Extent,
    status: Status,
    scope: &Scope,
) -> String {
    let status = match status {
        Status::All => String::new(),
        status => format!("{status:?} ").to_lowercase(),
    };
    let noun = format!("{status}bypass request");
    let readable = if extent.is_incomplete() {
        " that could be read"
    } else {
        ""
    };
    if requests.is_empty() {
        return format!("No {noun}s in {scope}{readable}");
    }
    if extent.has_more {
        let count = requests.len();
        return format!("The first {count} {noun}s in {scope}. For more, use --limit");
    }
    format!("{} in {scope}{readable}", count(requests.len(), &noun))
}

/// Returns the address of the Security tab. GitHub documents no address for the list of requests,
/// which is "Push protection bypass" in the sidebar of this tab.
fn page(place: &Place) -> String {
    let host = place.host.clone().unwrap_or_else(default_host);
    match &place.scope {
        Scope::Organization(name) => format!("https://{host}/orgs/{name}/security"),
        Scope::Enterprise(slug) => format!("https://{host}/enterprises/{slug}/security"),
        Scope::Repository(repository) => format!("https://{host}/{repository}/security"),
    }
}
