-- The tenants' database of a sample housing office, as such databases are: French names in capitals, dates and
-- amounts as text, code tables. It was not made for Accord. Every person in it is invented.

CREATE TABLE R_PROC (CD_PROC TEXT PRIMARY KEY, LIB_PROC TEXT NOT NULL);
INSERT INTO R_PROC VALUES
  ('00', 'AUCUNE PROCEDURE'),
  ('10', 'COMMANDEMENT DE PAYER'),
  ('20', 'ASSIGNATION'),
  ('30', 'JUGEMENT'),
  ('40', 'COMMANDEMENT DE QUITTER LES LIEUX'),
  ('50', 'CONCOURS FORCE PUBLIQUE');

CREATE TABLE T_LOCATAIRE (
  NUM_LOC INTEGER PRIMARY KEY, NOM_LOC TEXT, NOM_NAIS TEXT, PRENOM_LOC TEXT, DT_NAISS TEXT, CD_CIV TEXT,
  TEL1 TEXT, TEL2 TEXT, MEL TEXT
);
CREATE TABLE T_LOGEMENT (CD_LOGT TEXT PRIMARY KEY, ADR1 TEXT, CP TEXT, COMMUNE TEXT, TOP_INDIGNE TEXT);
CREATE TABLE T_BAIL (
  NUM_BAIL TEXT PRIMARY KEY, NUM_LOC INTEGER, CD_LOGT TEXT, TOP_ACTIF TEXT, DT_ENTREE TEXT,
  MT_LOYER TEXT, MT_CHARGES TEXT, MT_APL TEXT, NB_MOIS_IMP INTEGER, MT_IMPAYE TEXT,
  CD_PROC TEXT, DT_PROC TEXT, TOP_PLAN TEXT, TOP_SUROCC TEXT
);
CREATE TABLE T_DEMANDE (NUM_DEM TEXT PRIMARY KEY, NUM_LOC INTEGER, TYP_DEM TEXT, DT_DEM TEXT, ETAT_DEM TEXT);

INSERT INTO T_LOCATAIRE VALUES
  (4001, 'EXEMPLE', 'NAISSANCE', 'CAMILLE MARIE', '23/04/1991', '', '06 00 00 00 00', '01 00 00 00 00', 'personne4001@example.org'),
  (4002, 'EXEMPLE', 'EXEMPLE', 'CAMILLE', '23/04/1961', 'MME', '06 00 00 00 01', '', ''),
  (4003, 'MODELE', 'MODELE', 'CHARLIE', '04/05/1960', 'M', '06 00 00 00 02', '', 'personne4003@example.org'),
  (4004, 'DEMO', 'DEMO', 'EDEN', '16/07/1991', 'MME', '06 00 00 00 03', '01 00 00 00 03', ''),
  (4005, 'FICTIF', 'NAISSANCE', 'DOMINIQUE', '03/02/1954', 'M', '06 00 00 00 04', '', 'personne4005@example.org'),
  (4006, 'SAMPLE', 'SAMPLE', 'SAM', '18/07/1946', 'MME', '06 00 00 00 05', '', ''),
  (4007, 'EXEMPLE', 'EXEMPLE', 'GABIN', '26/05/2003', 'M', '06 00 00 00 06', '01 00 00 00 06', 'personne4007@example.org'),
  (4008, 'SPECIMEN', 'SPECIMEN', 'ELISÉE', '08/01/1993', 'MME', '06 00 00 00 07', '', ''),
  (4009, 'ECHANTILLON', 'NAISSANCE', 'AMAR', '12/09/1978', 'M', '06 00 00 00 08', '', 'personne4009@example.org'),
  (4010, 'MODELE', 'MODELE', 'ALIX', '27/03/1962', 'MME', '06 00 00 00 09', '01 00 00 00 09', ''),
  (4011, 'DEMO', 'DEMO', 'LOU', '07/05/1951', 'M', '06 00 00 00 10', '', 'personne4011@example.org'),
  (4012, 'FICTIF', 'FICTIF', 'MORGAN', '27/01/2004', 'MME', '06 00 00 00 11', '', ''),
  (4013, 'SAMPLE', 'NAISSANCE', 'ANDREA', '26/05/1986', 'M', '06 00 00 00 12', '01 00 00 00 12', 'personne4013@example.org'),
  (4014, 'EXEMPLE', 'EXEMPLE', 'YAEL', '06/04/1962', 'MME', '06 00 00 00 13', '', ''),
  (4015, 'SPECIMEN', 'SPECIMEN', 'JO', '21/05/1964', 'M', '06 00 00 00 14', '', 'personne4015@example.org'),
  (4016, 'ECHANTILLON', 'ECHANTILLON', 'ILYA', '28/12/2000', 'MME', '06 00 00 00 15', '01 00 00 00 15', ''),
  (4017, 'MODELE', 'NAISSANCE', 'LÉO', '03/06/1999', 'M', '06 00 00 00 16', '', 'personne4017@example.org'),
  (4018, 'DEMO', 'DEMO', 'INÈS', '11/10/1999', 'MME', '06 00 00 00 17', '', ''),
  (4019, 'FICTIF', 'FICTIF', 'NOA', '17/07/1987', 'M', '06 00 00 00 18', '01 00 00 00 18', 'personne4019@example.org'),
  (4020, 'SAMPLE', 'SAMPLE', 'MAXIME', '08/03/1960', 'MME', '06 00 00 00 19', '', ''),
  (4021, 'EXEMPLE', 'NAISSANCE', 'ROBIN', '03/05/1975', 'M', '06 00 00 00 20', '', 'personne4021@example.org'),
  (4022, 'SPECIMEN', 'SPECIMEN', 'CLAUDE', '27/09/2004', 'MME', '06 00 00 00 21', '01 00 00 00 21', ''),
  (4023, 'ECHANTILLON', 'ECHANTILLON', 'ANGE', '10/01/1964', 'M', '06 00 00 00 22', '', 'personne4023@example.org'),
  (4024, 'MODELE', 'MODELE', 'NOUR', '10/12/1981', 'MME', '06 00 00 00 23', '', ''),
  (4025, 'DEMO', 'NAISSANCE', 'ZOÉ', '07/09/1999', 'M', '06 00 00 00 24', '01 00 00 00 24', 'personne4025@example.org');

INSERT INTO T_LOGEMENT VALUES
  ('LG0001', '1 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0002', '2 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0003', '3 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0004', '4 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0005', '5 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0006', '6 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0007', '7 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0008', '8 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0009', '9 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'O'),
  ('LG0010', '10 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0011', '11 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0012', '12 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0013', '13 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0014', '14 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0015', '15 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0016', '16 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0017', '17 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0018', '18 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'O'),
  ('LG0019', '19 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0020', '20 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0021', '21 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0022', '22 avenue du Modèle', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0023', '23 place Fictive', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0024', '24 allée des Échantillons', '00100', 'VILLE-EXEMPLE', 'N'),
  ('LG0025', '25 rue de l''Exemple', '00100', 'VILLE-EXEMPLE', 'N');

INSERT INTO T_BAIL VALUES
  ('B-00900', 4001, 'LG0001', 'O', '01/09/2019', '612,40', '85,50', '213,00', 2, '1 040,00', '10', '14/10/2026', 'O', 'N'),
  ('B-00901', 4002, 'LG0002', 'O', '01/01/2003', '569,99', '126,99', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00902', 4003, 'LG0003', 'O', '01/07/2014', '581,02', '116,84', '167,33', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00903', 4004, 'LG0004', 'O', '01/01/2015', '465,39', '66,21', '', 3, '1 396,17', '20', '02/06/2026', 'N', 'N'),
  ('B-00904', 4005, 'LG0005', 'O', '01/01/2015', '786,42', '47,35', '78,10', 0, '0,00', '00', '', 'O', 'N'),
  ('B-00905', 4006, 'LG0006', 'O', '01/01/2014', '706,52', '113,98', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00906', 4007, 'LG0007', 'O', '01/04/2002', '791,34', '35,78', '243,04', 6, '4 748,04', '20', '02/06/2026', 'N', 'O'),
  ('B-00907', 4008, 'LG0008', 'O', '01/03/2022', '621,89', '131,74', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00908', 4009, 'LG0009', 'O', '01/06/2024', '521,58', '122,65', '170,81', 0, '0,00', '00', '', 'O', 'N'),
  ('B-00909', 4010, 'LG0010', 'O', '01/02/2019', '754,89', '107,67', '', 4, '3 019,56', '20', '02/06/2026', 'N', 'N'),
  ('B-00910', 4011, 'LG0011', 'O', '01/08/2023', '496,41', '126,76', '196,62', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00911', 4012, 'LG0012', 'O', '01/03/2021', '822,84', '59,82', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00912', 4013, 'LG0013', 'O', '01/02/2019', '497,00', '43,48', '82,31', 5, '2 485,00', '10', '02/06/2026', 'O', 'N'),
  ('B-00913', 4014, 'LG0014', 'O', '01/10/2002', '659,27', '75,14', '', 0, '0,00', '00', '', 'N', 'O'),
  ('B-00914', 4015, 'LG0015', 'O', '01/10/2009', '755,40', '84,19', '85,73', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00915', 4016, 'LG0016', 'O', '01/09/2015', '622,25', '65,76', '', 4, '2 489,00', '20', '02/06/2026', 'N', 'N'),
  ('B-00916', 4017, 'LG0017', 'O', '01/02/2005', '549,35', '131,52', '89,12', 0, '0,00', '00', '', 'O', 'N'),
  ('B-00917', 4018, 'LG0018', 'O', '01/06/2008', '703,10', '119,37', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00918', 4019, 'LG0019', 'O', '01/08/2006', '473,35', '35,53', '68,32', 1, '473,35', '30', '02/06/2026', 'N', 'N'),
  ('B-00919', 4020, 'LG0020', 'O', '01/07/2014', '793,43', '33,82', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00920', 4021, 'LG0021', 'O', '01/11/2008', '486,54', '32,08', '122,81', 0, '0,00', '00', '', 'O', 'O'),
  ('B-00921', 4022, 'LG0022', 'O', '01/01/2012', '417,27', '91,76', '', 7, '2 920,89', '00', '', 'N', 'N'),
  ('B-00922', 4023, 'LG0023', 'O', '01/01/2007', '701,51', '42,43', '136,61', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00923', 4024, 'LG0024', 'O', '01/04/2018', '685,37', '105,20', '', 0, '0,00', '00', '', 'N', 'N'),
  ('B-00924', 4025, 'LG0025', 'O', '01/09/2004', '573,75', '116,66', '105,60', 3, '1 721,25', '00', '', 'O', 'N'),
  ('B-00012', 4001, 'LG0009', 'N', '15/02/2014', '410,00', '55,00', '', 0, '0,00', '00', '', 'N', 'N');

INSERT INTO T_DEMANDE VALUES
  ('D-771', 4001, 'FSL', '20261102', 'C'),
  ('D-604', 4001, 'LS', '20250517', 'A'),
  ('D-102', 4003, 'DALO', '20260311', 'A'),
  ('D-105', 4006, 'FSL', '20260611', 'D'),
  ('D-108', 4009, 'LS', '20260911', 'P'),
  ('D-111', 4012, 'SIAO', '20260311', 'C'),
  ('D-114', 4015, 'DALO', '20260611', 'R'),
  ('D-117', 4018, 'FSL', '20260911', 'A'),
  ('D-120', 4021, 'LS', '20260311', 'D');
