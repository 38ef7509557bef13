// The accessible names of the parts of the thread and of the admin pages, as a screen reader announces them. The suites
// find everything by these names, so a missing name fails them.
export const widget = {
  text: /^(Add your comment|Your comment|Reply to|Edit: comment by|Change your comment)/,
  name: /^Name/,
  post: /^Post comment/,
  reply: /^Reply/,
  edit: /^Edit/,
  save: /^Save/,
  remove: /^Delete/,
  confirmRemove: /^Delete$/,
  preview: /^Preview/,
  more: /^Show more comments/,
  up: /^Vote up/,
  retry: /^Try again$/,
  unreachable: /No answer from the comment server/,
  unsent: /Not sent yet/,
  undo: /^Undo$/,
  held: /waiting for approval/i,
  empty: /no comments yet|be the first|write the first/i,
  deleted: /deleted/i,
};

export const admin = {
  signIn: /^(Sign in|Log in)/,
  approve: /^Approve/,
  spam: /^Spam/,
  remove: /^Delete/,
  undo: /^Undo/,
  sites: /^Sites/,
  register: /^Register$/,
  siteName: /^Name/,
  origins: /^Origins/,
};
