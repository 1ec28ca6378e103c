//! What was typed into a form that no session takes: too large, too slow, in another encoding, of a
//! session that is not known, sent to another path.
//!
//! Owns which of it may be shown again: of fields that a definition knows, and no secret. Must not know
//! why the form was not taken.

use std::sync::Arc;

use super::Engine;
use crate::flow::{Field, Flow, Form, Screen};
use crate::id::{ScreenId, SessionId};
use crate::machine::Session;
use crate::store::Key;

impl Engine {
    /// What may be shown of a form with these ids, whether they open anything or not: the newest
    /// definition of the path's `flow` and the one that the session is pinned to say what is a secret;
    /// what neither knows could be one. Where the form is `unsaid` (nobody says from where it comes),
    /// nothing but what both ids open.
    pub async fn showable(
        &self,
        flow: Option<&Flow>,
        (session, screen): (&str, &str),
        typed: Form,
        unsaid: bool,
    ) -> Form {
        if typed.0.is_empty() {
            return typed;
        }
        let found = self.pinned_to(session).await;
        let own = found
            .as_ref()
            .is_some_and(|(session, _)| ScreenId::open(screen, &session.screen_key()).is_some());
        if unsaid && !own {
            return Form::default();
        }
        let pinned = found.as_ref().map(|(_, flow)| flow.as_ref());
        let asked: Vec<&Field> = flow
            .into_iter()
            .chain(pinned)
            .flat_map(|flow| flow.screens.iter().flat_map(Screen::asked))
            .collect();
        let inputs = |secret: bool| -> Vec<String> {
            let fields = asked.iter().filter(|field| field.is_secret() == secret);
            fields.flat_map(|field| field.inputs()).collect()
        };
        let (open, secret) = (inputs(false), inputs(true));
        let fields = typed.0.into_iter();
        Form(
            fields
                .filter(|(name, _)| open.contains(name) && !secret.contains(name))
                .collect(),
        )
    }

    async fn pinned_to(&self, session: &str) -> Option<(Session, Arc<Flow>)> {
        let at = SessionId::parse(session)?.key();
        let stored = self.store.get(Key::Session(at)).await.ok()??;
        let session = self.decode(at, &stored.bytes).ok()?;
        let flow = self.pinned(&session).await.ok()?;
        Some((session, flow))
    }
}
