//! Executes the commands in the fake's README, and checks that its tables are complete.

use std::fs;
use std::path::Path;

use github_bypass_requests_fake::Fake;
use reqwest::Method;
use serde_json::{Value, json};

use super::caller::Caller;
use super::world;

/// The address in the commands of the README.
const ADDRESS: &str = "http://127.0.0.1:8080";

fn readme() -> String {
    let path = "../crates/github-bypass-requests-fake/README.md";
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the README")
}

/// Returns the text from a heading to the next heading of the same or a higher level.
fn section(heading: &str) -> String {
    let readme = readme();
    let (_, section) = readme.split_once(&format!("\n{heading}\n")).expect(heading);
    let level = heading.split(' ').next().expect("a level");
    let is_end = |line: &&str| {
        let marks = line.chars().take_while(|char| *char == '#').count();
        (1..=level.len()).contains(&marks) && line[marks..].starts_with(' ')
    };
    let lines = section.lines().take_while(|line| !is_end(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the code blocks in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let blocks = text.split(&start).skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().expect("a block").to_owned());
    blocks.collect()
}

/// Splits a command into words, as a shell does.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for char in command.chars() {
        match quote {
            Some(open) if char == open => quote = None,
            None if "'\"".contains(char) => quote = Some(char),
            None if char == ' ' => words.push(std::mem::take(&mut word)),
            _ => word.push(char),
        }
    }
    assert_eq!(quote, None, "{command}");
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Sends the request that a `curl` command would send. Returns the body of the response.
async fn curl(http: &reqwest::Client, fake: &Fake, command: &str) -> String {
    let words = words(command);
    let mut words = words.iter().skip(1);
    let (mut method, mut url, mut body) = (None, None, None);
    let mut headers = vec![("user-agent".to_owned(), "curl".to_owned())];
    while let Some(word) = words.next() {
        let mut argument = || words.next().expect(command).clone();
        match word.as_str() {
            "-X" => method = Some(argument()),
            "-d" => body = Some(argument()),
            "-H" => {
                let header = argument();
                let (name, value) = header.split_once(": ").expect(command);
                headers.push((name.to_owned(), value.to_owned()));
            }
            word => {
                let path = word.strip_prefix(ADDRESS).expect(command);
                url = Some(format!("{}{path}", fake.base_url()));
            }
        }
    }
    let default = if body.is_some() { "POST" } else { "GET" };
    let method = method.as_deref().unwrap_or(default);
    let method: Method = method.parse().expect(command);
    let mut request = http
        .request(method, url.expect(command))
        .body(body.unwrap_or_default());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.expect(command);
    response.text().await.expect(command)
}

#[tokio::test]
async fn the_curl_commands_print_what_the_readme_shows() {
    let mut executed = 0;
    for block in blocks(&readme(), "console") {
        let fake = Fake::builder().start().await.expect("a port");
        let http = Caller::new(&fake, "").http;
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let mut printed = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                printed.push(line);
            }
            let command = line.strip_prefix("$ ").expect(line);
            if !command.starts_with("curl ") {
                continue;
            }
            let response = curl(&http, &fake, command).await;
            assert_eq!(response, printed.join("\n"), "{command}");
            executed += 1;
        }
    }
    assert!(executed > 8, "only {executed} commands were executed");
}

#[tokio::test]
async fn the_tables_list_every_field() {
    let (_fake, caller) = world().await;
    let post = async |path: &str| -> String {
        let url = format!("{}/_fake{path}", caller.base);
        let body = json!({"?": 1}).to_string();
        let response = caller.http.post(url).body(body).send().await;
        let response = response.expect("a response");
        let body: Value = response.json().await.expect("JSON");
        body["message"].as_str().expect("a message").to_owned()
    };
    for (heading, path) in [
        ("## Faults", "/faults"),
        ("### Requests", "/requests/secret-scanning"),
        ("### Requests", "/requests/push-rules"),
        ("### Colleagues", "/requests/octo-org/smile/1/approve"),
        ("### Colleagues", "/requests/octo-org/smile/1/reject"),
        ("### Clock", "/clock"),
        ("### Tokens", "/tokens"),
        ("### Places", "/places"),
    ] {
        let message = post(path).await;
        let (_, expected) = message.split_once(", expected ").expect(&message);
        let fields: Vec<_> = expected.split('`').skip(1).step_by(2).collect();
        assert!(!fields.is_empty(), "{message}");
        let section = section(heading);
        for field in fields {
            let documented = section.contains(&format!("`{field}`"));
            assert!(
                documented,
                "{heading} does not document `{field}` of {path}"
            );
        }
    }
}

#[test]
fn the_example_of_a_bot_is_a_test() {
    let (_, test) = include_str!("test_your_bot.rs")
        .split_once("\n\n")
        .expect("code");
    let section = section("## Test your bot");
    let [example] = &blocks(&section, "rust,ignore")[..] else {
        panic!("the section must have exactly one example");
    };
    assert_eq!(example, test);
}
