-- For lists of exports in one state, of one team or of all.
CREATE INDEX export_of_team_in_state ON export (team, state, id);
CREATE INDEX export_in_state ON export (state, id);
