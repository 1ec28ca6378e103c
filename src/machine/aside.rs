//! Screens to the side of the path, such as help.
//!
//! Owns the step to one. *Back* from it is a screen's own. Must not know what the page says.

use super::path::branch;
use super::step::Turn;
use super::{Decision, Place, Reason};
use crate::flow::Action;
use crate::id::Way;

impl Turn<'_> {
    /// To a screen to the side of the path, from which *Back* leads here; what was typed is put aside.
    pub(super) fn to_the_side(&self, action: &Action) -> Decision {
        let reference = self.session.at.reference();
        let scope = self.path.scope_of(&reference);
        let branch = branch(action, &scope);
        match branch.and_then(|branch| self.flow.screen(branch.to)) {
            Some(target) => {
                let place = Place {
                    screen: target.name.clone(),
                    ..self.place()
                };
                self.put_aside_and_show(&place, Way::ChangeFrom(self.submission.screen.screen))
            }
            None => self.not_applied(Reason::NotOffered),
        }
    }
}
