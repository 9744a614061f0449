// A reader who followed an answer's link has answered; a scanner of mails, which runs no script, has not.
document.querySelector("form[data-at-once]")?.requestSubmit();
