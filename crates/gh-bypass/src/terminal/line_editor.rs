//! An editor for one line of text.

use console::measure_text_width;

use crate::terminal::keys::{Input, Key};
use crate::terminal::text::visible;

/// A line that the user edits.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineEditor {
    chars: Vec<char>,
    /// The number of characters before the cursor.
    cursor: usize,
}

/// The effect of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Continue,
    Accept,
    Cancel,
}

impl LineEditor {
    pub(crate) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        Self {
            cursor: chars.len(),
            chars,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Applies an input.
    pub(crate) fn handle(&mut self, input: &Input) -> Edit {
        match input {
            Input::Paste(text) => {
                // The message is one line, so pasted line breaks become spaces.
                for char in text.trim_end().replace("\r\n", " ").chars() {
                    self.insert(if char.is_control() { ' ' } else { char });
                }
            }
            Input::Key(Key::Enter) => return Edit::Accept,
            Input::Key(Key::Escape | Key::Control('c' | 'd')) => return Edit::Cancel,
            Input::Key(key) => self.edit(*key),
            Input::Resize => {}
        }
        Edit::Continue
    }

    fn edit(&mut self, key: Key) {
        let end = self.chars.len();
        match key {
            Key::Char(char) => self.insert(char),
            Key::Backspace | Key::Control('h') => self.delete(self.cursor.saturating_sub(1)),
            Key::Delete => self.delete_to(end.min(self.cursor + 1)),
            Key::Control('u') => self.delete(0),
            Key::Control('k') => self.chars.truncate(self.cursor),
            Key::Control('w') => self.delete(self.word_start()),
            Key::Left | Key::Control('b') => self.cursor = self.cursor.saturating_sub(1),
            Key::Right | Key::Control('f') => self.cursor = end.min(self.cursor + 1),
            Key::Home | Key::Control('a') => self.cursor = 0,
            Key::End | Key::Control('e') => self.cursor = end,
            _ => {}
        }
    }

    fn insert(&mut self, char: char) {
        self.chars.insert(self.cursor, char);
        self.cursor += 1;
    }

    /// Deletes from `start` to the cursor.
    fn delete(&mut self, start: usize) {
        self.chars.drain(start..self.cursor);
        self.cursor = start;
    }

    /// Deletes from the cursor to `end`.
    fn delete_to(&mut self, end: usize) {
        self.chars.drain(self.cursor..end);
    }

    fn word_start(&self) -> usize {
        let before = self.chars.iter().take(self.cursor).rev();
        let spaces = before
            .clone()
            .take_while(|char| char.is_whitespace())
            .count();
        let word = before
            .skip(spaces)
            .take_while(|char| !char.is_whitespace())
            .count();
        self.cursor - spaces - word
    }

    /// Returns the part around the cursor that fits into `width` columns, and the column of the
    /// cursor.
    pub(crate) fn view(&self, width: usize) -> (String, usize) {
        let shown = |chars: &[char]| visible(&chars.iter().collect::<String>());
        let (before, after) = self.chars.split_at(self.cursor);
        let mut start = 0;
        while measure_text_width(&shown(before.get(start..).unwrap_or_default())) >= width.max(1) {
            start += 1;
        }
        let mut view = shown(before.get(start..).unwrap_or_default());
        let column = measure_text_width(&view);
        for char in after {
            let next = shown(std::slice::from_ref(char));
            if measure_text_width(&view) + measure_text_width(&next) > width {
                break;
            }
            view.push_str(&next);
        }
        (view, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut LineEditor, text: &str) {
        for char in text.chars() {
            editor.handle(&Input::Key(Key::Char(char)));
        }
    }

    #[test]
    fn a_line_is_edited_at_the_cursor() {
        let mut editor = LineEditor::new("it is a key");
        for _ in 0..3 {
            editor.handle(&Input::Key(Key::Left));
        }
        typed(&mut editor, "test ");
        assert_eq!(editor.text(), "it is a test key");
        editor.handle(&Input::Key(Key::Control('w')));
        editor.handle(&Input::Key(Key::Backspace));
        editor.handle(&Input::Key(Key::Delete));
        assert_eq!(editor.text(), "it is aey");
        editor.handle(&Input::Key(Key::Control('u')));
        editor.handle(&Input::Key(Key::End));
        editor.handle(&Input::Key(Key::Backspace));
        assert_eq!(editor.text(), "e");
    }

    #[test]
    fn a_pasted_line_break_does_not_accept_the_line() {
        let mut editor = LineEditor::default();
        assert_eq!(
            editor.handle(&Input::Paste("one\r\ntwo\n".to_owned())),
            Edit::Continue
        );
        assert_eq!(editor.text(), "one two");
        assert_eq!(editor.handle(&Input::Key(Key::Enter)), Edit::Accept);
        assert_eq!(editor.handle(&Input::Key(Key::Control('c'))), Edit::Cancel);
    }

    #[test]
    fn a_long_line_is_shown_around_the_cursor() {
        let mut editor = LineEditor::new("abcdefghij");
        assert_eq!(editor.view(20), ("abcdefghij".to_owned(), 10));
        assert_eq!(editor.view(5), ("ghij".to_owned(), 4));
        editor.handle(&Input::Key(Key::Home));
        assert_eq!(editor.view(5), ("abcde".to_owned(), 0));
        assert_eq!(LineEditor::new("世界").view(4), ("界".to_owned(), 2));
    }
}
