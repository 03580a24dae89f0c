const it = {
  signIn: "Accedi",
  signOut: "Esci",
  signedInAs: "Hai fatto l'accesso come",
  cannotSignIn:
    "Il servizio di accesso non risponde in questo momento. Riprova tra qualche minuto.",
};

export type CommonTexts = typeof it;
export default it;
