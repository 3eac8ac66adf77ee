"use strict";
// The texts of the page in the languages of the hub. The order of languages is the order of fault.Languages.
const languages = ["en", "fr", "es"];
const texts = {
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
  help: ["Help", "Aide", "Ayuda"],
  loading: ["Loading…", "Chargement…", "Cargando…"],
};
