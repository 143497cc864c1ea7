// Debian's Firefox reads this beside its own defaults; a third argument `locked` takes a choice from the profile.

// Remote control would set preferences of its own, that stay in the profile: among them one that leaves out
// extensions of the system, Postern's own with them.
pref("remote.prefs.recommended", false, locked);
pref("extensions.enabledScopes", 15, locked);
pref("xpinstall.signatures.required", true, locked);

// A container's end ends the browser on the spot. That is no crash to ask about, nor a session to take up again.
pref("toolkit.startup.max_resumed_crashes", -1, locked);
pref("browser.sessionstore.resume_from_crash", false, locked);
pref("browser.startup.couldRestoreSession.count", -1, locked);

// What the desktop is like comes with the container's environment, and is read at each start.
pref("general.config.filename", "surroundings.cfg", locked);
pref("general.config.obscure_value", 0, locked);
