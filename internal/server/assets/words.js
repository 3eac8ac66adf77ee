"use strict";
// The page's own words, and the languages of the hub in its order: fault.Languages.
const languages = ["en", "fr", "es"];
const words = {
  who: ["Who asks", "Qui demande", "Quién pregunta"],
  as: ["As", "En tant que", "Como"],
  own: ["(your own token)", "(votre propre jeton)", "(su propio token)"],
  token: ["Token", "Jeton", "Token"],
  purpose: ["Purpose", "Finalité", "Finalidad"],
  grant: ["Audit grant", "Mandat d'audit", "Mandato de auditoría"],
  none: ["(none)", "(aucune)", "(ninguna)"],
  noGrant: ["(none)", "(aucun)", "(ninguno)"],
  language: ["Language", "Langue", "Idioma"],
  errors: ["Error codes", "Codes d'erreur", "Códigos de error"],
  loading: ["Loading…", "Chargement…", "Cargando…"],
};
