-- The case file of a sample debt advice charity: English names, amounts in cents, ISO dates of birth, other dates
-- in seconds since 1970. It was not made for Accord. Every person in it is invented.

CREATE TABLE clients (
  id TEXT PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, dob TEXT, phone TEXT, prefers TEXT,
  over_indebtedness INTEGER, adviser TEXT, what_matters TEXT, opened_at INTEGER NOT NULL
);
CREATE TABLE debts (
  id INTEGER PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients (id), creditor TEXT, debt_type TEXT,
  balance_cents INTEGER, status TEXT, since_epoch INTEGER, plan_cents INTEGER, plan_every TEXT
);
CREATE TABLE income (
  client_id TEXT NOT NULL REFERENCES clients (id), source TEXT, amount_cents INTEGER, every TEXT, since_epoch INTEGER
);
CREATE TABLE needs (
  client_id TEXT NOT NULL REFERENCES clients (id), theme TEXT, said TEXT, urgency TEXT, state TEXT, said_at INTEGER
);
CREATE VIEW client_totals AS
  SELECT c.*, (SELECT SUM(balance_cents) FROM debts d WHERE d.client_id = c.id) AS total_cents FROM clients c;

INSERT INTO clients VALUES
  ('c-001', 'Camille', 'Exemple', '1991-04-23', '+33 6 00 00 01 00', 'text', 1, 'Sample adviser 1', 'To keep my home, and to understand the letters I get.', 1767567600),
  ('c-002', 'Camille', 'Exemple', '1971-04-23', '+33 6 00 00 01 01', 'text', 1, 'Sample adviser 2', NULL, 1770246000),
  ('c-003', 'Jo', 'Exemple', '1958-01-17', '+33 6 00 00 01 02', 'mail', 2, 'Sample adviser 3', NULL, 1772665200),
  ('c-004', 'Ilya', 'Specimen', '1992-01-06', '+33 6 00 00 01 03', 'call', 0, 'Sample adviser 1', NULL, 1775340000),
  ('c-005', 'Léo', 'Echantillon', '2003-04-01', '+33 6 00 00 01 04', 'text', 1, 'Sample adviser 2', NULL, 1777932000),
  ('c-006', 'Inès', 'Modele', '1948-11-05', '+33 6 00 00 01 05', 'mail', 2, 'Sample adviser 3', NULL, 1780610400),
  ('c-007', 'Noa', 'Demo', '1999-12-12', '+33 6 00 00 01 06', 'call', 0, 'Sample adviser 1', NULL, 1783202400),
  ('c-008', 'Maxime', 'Fictif', '1960-02-11', '+33 6 00 00 01 07', 'text', 1, 'Sample adviser 2', NULL, 1785880800),
  ('c-009', 'Robin', 'Sample', '1974-12-12', '+33 6 00 00 01 08', 'mail', 2, 'Sample adviser 3', NULL, 1788559200),
  ('c-010', 'Claude', 'Exemple', '1962-07-09', '+33 6 00 00 01 09', 'call', 0, 'Sample adviser 1', NULL, 1791151200),
  ('c-011', 'Ange', 'Specimen', '1967-04-28', '+33 6 00 00 01 10', 'text', 1, 'Sample adviser 2', NULL, 1767567600),
  ('c-012', 'Nour', 'Echantillon', '1958-06-26', '+33 6 00 00 01 11', 'mail', 2, 'Sample adviser 3', NULL, 1770246000),
  ('c-013', 'Zoé', 'Modele', '1965-04-10', '+33 6 00 00 01 12', 'call', 0, 'Sample adviser 1', NULL, 1772665200),
  ('c-014', 'Thaïs', 'Demo', '2004-12-17', '+33 6 00 00 01 13', 'text', 1, 'Sample adviser 2', NULL, 1775340000),
  ('c-015', 'Sacha', 'Fictif', '1971-04-19', '+33 6 00 00 01 14', 'mail', 2, 'Sample adviser 3', NULL, 1777932000),
  ('c-016', 'Charlie', 'Sample', '1974-07-16', '+33 6 00 00 01 15', 'call', 0, 'Sample adviser 1', NULL, 1780610400),
  ('c-017', 'Eden', 'Exemple', '1950-08-19', '+33 6 00 00 01 16', 'text', 1, 'Sample adviser 2', NULL, 1783202400),
  ('c-018', 'Dominique', 'Specimen', '1996-06-15', '+33 6 00 00 01 17', 'mail', 2, 'Sample adviser 3', NULL, 1785880800),
  ('c-019', 'Sam', 'Echantillon', '1981-06-23', '+33 6 00 00 01 18', 'call', 0, 'Sample adviser 1', NULL, 1788559200),
  ('c-020', 'Gabin', 'Modele', '1986-08-13', '+33 6 00 00 01 19', 'text', 1, 'Sample adviser 2', NULL, 1791151200),
  ('c-021', 'Elisée', 'Demo', '1994-02-16', '+33 6 00 00 01 20', 'mail', 2, 'Sample adviser 3', NULL, 1767567600),
  ('c-022', 'Amar', 'Fictif', '1998-01-07', '+33 6 00 00 01 21', 'call', 0, 'Sample adviser 1', NULL, 1770246000),
  ('c-023', 'Alix', 'Sample', '1953-09-06', '+33 6 00 00 01 22', 'text', 1, 'Sample adviser 2', NULL, 1772665200),
  ('c-024', 'Lou', 'Exemple', '1984-12-28', '+33 6 00 00 01 23', 'mail', 2, 'Sample adviser 3', NULL, 1775340000),
  ('c-025', 'Camille', 'Sample', '1991-04-23', '+33 6 00 00 01 24', 'call', 0, 'Sample adviser 1', NULL, 1777932000);

INSERT INTO debts VALUES
  (1, 'c-001', 'Energy Supplier (sample)', 'energy', 41268, 'final_notice', 1772319600, 3500, 'm'),
  (2, 'c-001', 'Telecom (sample)', 'phone', 8990, 'reminder', 1786744800, NULL, NULL),
  (3, 'c-001', 'Office de l''habitat (sample)', 'rent', 104000, 'notice', 1788213600, NULL, NULL),
  (4, 'c-002', 'Creditor 7 (sample)', 'water', 169588, 'bailiff', 1738537200, NULL, NULL),
  (5, 'c-003', 'Creditor 5 (sample)', 'phone', 145491, 'final_notice', 1740956400, NULL, NULL),
  (6, 'c-003', 'Creditor 5 (sample)', 'tax', 86120, 'bailiff', 1743631200, 5000, 'm'),
  (7, 'c-005', 'Creditor 1 (sample)', 'loan', 352172, 'bailiff', 1746223200, NULL, NULL),
  (8, 'c-006', 'Creditor 8 (sample)', 'card', 398319, 'plan', 1748901600, NULL, NULL),
  (9, 'c-006', 'Creditor 8 (sample)', 'rent', 135946, 'plan', 1751493600, 5000, 'm'),
  (10, 'c-008', 'Creditor 4 (sample)', 'hospital', 203336, 'reminder', 1754172000, NULL, NULL),
  (11, 'c-009', 'Creditor 2 (sample)', 'energy', 265438, 'final_notice', 1756850400, NULL, NULL),
  (12, 'c-009', 'Creditor 2 (sample)', 'water', 59875, 'plan', 1759442400, 5000, 'm'),
  (13, 'c-011', 'Creditor 7 (sample)', 'phone', 147507, 'plan', 1762124400, NULL, NULL),
  (14, 'c-012', 'Creditor 5 (sample)', 'tax', 233805, 'due', 1764716400, NULL, NULL),
  (15, 'c-012', 'Creditor 5 (sample)', 'loan', 21421, 'final_notice', 1735858800, 5000, 'm'),
  (16, 'c-014', 'Creditor 1 (sample)', 'card', 297645, 'bailiff', 1738537200, NULL, NULL),
  (17, 'c-015', 'Creditor 8 (sample)', 'rent', 43754, 'final_notice', 1740956400, NULL, NULL),
  (18, 'c-015', 'Creditor 8 (sample)', 'hospital', 107080, 'final_notice', 1743631200, 5000, 'm'),
  (19, 'c-017', 'Creditor 4 (sample)', 'energy', 96552, 'plan', 1746223200, NULL, NULL),
  (20, 'c-018', 'Creditor 2 (sample)', 'water', 209473, 'plan', 1748901600, NULL, NULL),
  (21, 'c-018', 'Creditor 2 (sample)', 'phone', 358223, 'final_notice', 1751493600, 5000, 'm'),
  (22, 'c-020', 'Creditor 7 (sample)', 'tax', 329526, 'plan', 1754172000, NULL, NULL),
  (23, 'c-021', 'Creditor 5 (sample)', 'loan', 65054, 'reminder', 1756850400, NULL, NULL),
  (24, 'c-021', 'Creditor 5 (sample)', 'card', 12013, 'reminder', 1759442400, 5000, 'm'),
  (25, 'c-023', 'Creditor 1 (sample)', 'rent', 247825, 'final_notice', 1762124400, NULL, NULL),
  (26, 'c-024', 'Creditor 8 (sample)', 'hospital', 300734, 'due', 1764716400, NULL, NULL),
  (27, 'c-024', 'Creditor 8 (sample)', 'energy', 24582, 'plan', 1735858800, 5000, 'm');

INSERT INTO income VALUES
  ('c-001', 'part-time work', 43000, 'm', 1777586400),
  ('c-001', 'rsa', 64652, 'm', 1769900400),
  ('c-002', 'unemployment', 119212, 'm', 1706742000),
  ('c-004', 'work', 149984, 'm', 1711922400),
  ('c-006', 'unemployment', 63353, 'm', 1717192800),
  ('c-008', 'unemployment', 78343, 'm', 1722463200),
  ('c-010', 'rsa', 71700, 'm', 1727733600),
  ('c-012', 'work', 104907, 'm', 1733007600),
  ('c-014', 'work', 146655, 'm', 1706742000),
  ('c-016', 'pension', 63691, 'm', 1711922400),
  ('c-018', 'unemployment', 60519, 'm', 1717192800),
  ('c-020', 'pension', 50751, 'm', 1722463200),
  ('c-022', 'pension', 117209, 'm', 1727733600),
  ('c-024', 'work', 125684, 'm', 1733007600);

INSERT INTO needs VALUES
  ('c-001', 'money', 'I cannot pay the electricity before the cold comes.', 'week', 'open', 1794178800),
  ('c-001', 'admin', 'The benefits office asks for a paper I do not have.', 'soon', 'open', 1794178800),
  ('c-005', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200),
  ('c-009', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200),
  ('c-013', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200),
  ('c-017', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200),
  ('c-021', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200),
  ('c-025', 'housing', 'My home is too small for us.', 'later', 'open', 1780351200);
