//! A request on one line.

use chrono::{DateTime, Utc};
use console::Style;
use github_bypass_requests::{AnyBypassRequest, RequestStatus};

use crate::terminal::Terminal;
use crate::terminal::table::{Column, StyledRow, table};
use crate::terminal::text::{field, visible};
use crate::terminal::time::{ago, rfc3339, until};

/// Lays out requests as a table.
pub(crate) fn rows(
    terminal: &Terminal,
    requests: &[AnyBypassRequest],
    has_repository: bool,
    has_status: bool,
    now: DateTime<Utc>,
) -> String {
    let mut columns = vec![Column::fixed("NUMBER")];
    if has_repository {
        columns.push(Column::flexible("REPOSITORY"));
    }
    if has_status {
        columns.push(Column::fixed("STATUS"));
    }
    columns.extend([
        Column::flexible("WHAT"),
        Column::flexible("REQUESTER"),
        Column::fixed("CREATED"),
    ]);
    if !has_status {
        columns.push(Column::fixed("EXPIRES"));
    }
    let rows = requests.iter().map(|request| {
        let mut cells = vec![format!("#{}", request.number())];
        if has_repository {
            cells.push(visible(&request.repository().to_string()));
        }
        if has_status {
            cells.push(visible(request.status().as_str()));
        }
        cells.push(visible(&what(request)));
        cells.push(visible(&request.requester().to_string()));
        cells.push(ago(request.created_at(), now));
        if !has_status {
            cells.push(
                request
                    .expires_at()
                    .map_or("never".to_owned(), |at| until(at, now)),
            );
        }
        StyledRow {
            cells,
            style: style_of(request.status()),
            url: request.web_link().map(str::to_owned),
        }
    });
    table(terminal, &columns, &rows.collect::<Vec<_>>())
}

/// Returns the line of a request for scripts. Its columns never change: number, repository, kind,
/// status, requester, what, created, expires and the address of the page.
pub(crate) fn tabs(request: &AnyBypassRequest) -> String {
    let fields = [
        request.number().to_string(),
        request.repository().to_string(),
        request.kind().to_owned(),
        request.status().to_string(),
        request.requester().to_string(),
        what(request),
        rfc3339(request.created_at()),
        request.expires_at().map(rfc3339).unwrap_or_default(),
        html_url(request).unwrap_or_default().to_owned(),
    ];
    fields.map(|value| field(&value)).join("\t")
}

/// Returns the types of the secrets, or the rules, each once.
pub(crate) fn what(request: &AnyBypassRequest) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: Option<&str>| {
        let name = name.unwrap_or("unknown");
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    match request {
        AnyBypassRequest::SecretScanning(request) => {
            request
                .data
                .iter()
                .for_each(|finding| add(finding.secret_type.as_deref()));
        }
        AnyBypassRequest::PushRules(request) => {
            request.data.iter().for_each(|violation| {
                add(violation.rule_type.as_ref().map(|rule| rule.as_str()));
            });
        }
        _ => {}
    }
    names.join(", ")
}

/// Returns the kind in words.
pub(crate) fn kind(request: &AnyBypassRequest) -> &'static str {
    match request {
        AnyBypassRequest::SecretScanning(_) => "Secret scanning",
        AnyBypassRequest::PushRules(_) => "Push rule",
        _ => "Unknown",
    }
}

/// Returns the address of the page of a request, as GitHub sent it.
pub(crate) fn html_url(request: &AnyBypassRequest) -> Option<&str> {
    match request {
        AnyBypassRequest::SecretScanning(request) => request.html_url.as_deref(),
        AnyBypassRequest::PushRules(request) => request.html_url.as_deref(),
        _ => None,
    }
}

/// Returns the style of a status.
pub(crate) fn style_of(status: &RequestStatus) -> Style {
    let style = Style::new();
    match status {
        RequestStatus::Open | RequestStatus::Pending => style.green(),
        RequestStatus::Approved | RequestStatus::Completed => style.magenta(),
        RequestStatus::Denied => style.red(),
        _ => style.dim(),
    }
}
