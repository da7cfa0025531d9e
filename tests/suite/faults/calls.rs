//! Calls that the tests share. Each call checks that its error does not contain the token.

use github_bypass_requests::{
    BypassRequest, Client, Dismissal, Repository, RequestStream, ResponseId, Result, Review,
    SecretFinding, SecretScanning,
};

use super::clean::{assert_clean, clean};

pub(crate) const JSON: &str = "content-type: application/json; charset=utf-8";
pub(crate) const HTML: &str = "content-type: text/html";

pub(crate) fn secrets(client: &Client) -> SecretScanning<Repository> {
    client.repository("octo-org", "smile").secret_scanning()
}

pub(crate) async fn get(client: &Client) -> Result<BypassRequest<SecretFinding>> {
    let fetched = secrets(client).get(42).await.map_err(clean)?;
    Ok(fetched.request)
}

pub(crate) async fn approve(client: &Client) -> Result<Review> {
    let review = secrets(client).approve(42, "rotated").await.map_err(clean);
    assert_clean(&[&review]);
    review
}

pub(crate) async fn dismiss(client: &Client) -> Result<Dismissal> {
    let response = ResponseId::try_from(7)?;
    let dismissal = secrets(client).dismiss(response).await.map_err(clean);
    assert_clean(&[&dismissal]);
    dismissal
}

pub(crate) async fn list(client: &Client) -> Result<Vec<BypassRequest<SecretFinding>>> {
    let (requests, error) = drain(secrets(client).list().stream()).await;
    error.map_or(Ok(requests), Err)
}

/// Reads a list to its end. Returns the requests, and the error that ended the list, if any.
pub(crate) async fn drain<D>(
    mut stream: RequestStream<D>,
) -> (Vec<BypassRequest<D>>, Option<github_bypass_requests::Error>)
where
    D: github_bypass_requests::BypassKind,
{
    let mut requests = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => return (requests, None),
            Err(error) => return (requests, Some(clean(error))),
        }
    }
}
