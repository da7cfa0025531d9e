//! Deliveries that were handled before are recognized.

use bytes::Bytes;
use github_bypass_requests::webhook::{Delivery, Seen};
use http::HeaderValue;

use super::{receiver, signed};

fn delivery(hook: u32, id: Option<&str>) -> Delivery {
    let mut headers = signed("ping", b"{}");
    headers.insert("x-github-hook-id", HeaderValue::from(hook));
    match id {
        Some(id) => headers.insert(
            "x-github-delivery",
            HeaderValue::from_str(id).expect("an id"),
        ),
        None => headers.remove("x-github-delivery"),
    };
    receiver()
        .receive(&headers, Bytes::from_static(b"{}"))
        .expect("signed")
}

#[test]
fn a_redelivery_is_recognized_after_the_first_one_was_handled() {
    let seen = Seen::new(10);
    let first = delivery(1, Some("a"));
    assert!(!seen.contains(&first));
    assert!(!seen.contains(&first), "looking it up does not insert it");
    assert!(seen.insert(&first));
    assert!(seen.contains(&delivery(1, Some("a"))));
    assert!(!seen.insert(&delivery(1, Some("a"))));
}

/// The id names the event. Another webhook delivers the same event with the same id.
#[test]
fn another_hook_and_another_id_are_other_deliveries() {
    let seen = Seen::new(10);
    seen.insert(&delivery(1, Some("a")));
    assert!(!seen.contains(&delivery(2, Some("a"))));
    assert!(!seen.contains(&delivery(1, Some("A"))));
}

#[test]
fn a_delivery_without_an_id_is_never_known() {
    let seen = Seen::new(10);
    assert!(seen.insert(&delivery(1, None)));
    assert!(seen.insert(&delivery(1, None)));
    assert!(!seen.contains(&delivery(1, None)));
}

#[test]
fn the_oldest_delivery_is_forgotten_first() {
    let seen = Seen::new(2);
    for id in ["a", "b", "b", "c"] {
        seen.insert(&delivery(1, Some(id)));
    }
    let known = ["a", "b", "c"].map(|id| seen.contains(&delivery(1, Some(id))));
    assert_eq!(known, [false, true, true]);
    let none = Seen::new(0);
    assert!(none.insert(&delivery(1, Some("a"))) && !none.contains(&delivery(1, Some("a"))));
}

#[test]
fn a_removed_delivery_is_handled_again() {
    let seen = Seen::new(2);
    for id in ["a", "b"] {
        seen.insert(&delivery(1, Some(id)));
    }
    seen.remove(&delivery(1, Some("a")));
    seen.remove(&delivery(1, Some("never inserted")));
    seen.remove(&delivery(1, None));
    assert!(!seen.contains(&delivery(1, Some("a"))));
    // A removed delivery does not take up space, either.
    assert!(seen.insert(&delivery(1, Some("c"))));
    assert!(seen.contains(&delivery(1, Some("b"))));
    assert!(seen.insert(&delivery(1, Some("a"))));
    let known = ["a", "b", "c"].map(|id| seen.contains(&delivery(1, Some(id))));
    assert_eq!(known, [true, false, true], "the oldest one is forgotten");
}

#[test]
fn a_hundred_deliveries_at_once_are_each_handled_once() {
    let seen = Seen::new(100);
    let receiver = receiver();
    let handled: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..100)
            .map(|number| {
                let (seen, receiver) = (&seen, &receiver);
                scope.spawn(move || {
                    let id = (number / 2).to_string();
                    let mut headers = signed("ping", b"{}");
                    headers.insert(
                        "x-github-delivery",
                        HeaderValue::from_str(&id).expect("an id"),
                    );
                    let delivery = receiver.receive(&headers, Bytes::from_static(b"{}"));
                    usize::from(seen.insert(&delivery.expect("signed")))
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    assert_eq!(handled, 50);
}
