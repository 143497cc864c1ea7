// Words by which pages name things, in the languages that the web is mostly written in. They are about forms in
// general: no site's name and no site's text belongs here.

/** Letters of any case and spelling made comparable: `loginPassword`, `login_password` and `Login-Password` are one. */
export function plainWords(text: string): string {
  const parted = text.replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase();
  return withoutMarks(parted)
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function withoutMarks(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "");
}

/** Words of alphabets with spaces match from a word's start; those of others match anywhere. */
function words(spaced: string, unspaced = ""): RegExp {
  const atStart = String.raw`(?<!\p{L})(?:${spaced})`;
  return new RegExp(withoutMarks(unspaced === "" ? atStart : `${atStart}|${unspaced}`), "u");
}

export const USER_NAME = words(
  "user ?name|user ?id|user|usr|login|log ?on ?id|sign ?in ?(?:id|name)|account ?(?:name|id)|identifi|member ?(?:id|no|number)|customer ?(?:id|no|number)|nick|benutzer|nutzer|anmelde ?name|usuario|utilisateur|utilizador|utente|gebruiker|uzytkownik|kullanici|anvandar|bruker|uzivatel|логин|пользовател",
  "用户名|用戶名|帐号|账号|帳號|ユーザ|会員|아이디|اسم المستخدم|ชื่อผู้ใช้",
);
export const E_MAIL = words("e ?mail|mail|correo|courriel|почт", "邮箱|電郵|メール|이메일|بريد");
export const NEW_PASSWORD = words(
  "new|confirm|repeat|again|re ?(?:type|enter|peat)|verif|choose|create|pass(?:word)? ?2|neu|wiederhol|bestatig|nuev|repet|repit|nouveau|nov[ao]|conferma|ripet|nieuw|herhaal|bevestig|powtorz|yeni|нов|повтор|подтверд",
  "新|再|確認|确认|確定|새|확인",
);
export const CURRENT_PASSWORD = words(
  "current|old|existing|present|aktuell|alt|actual|ancien|actuel|atual|huidig|текущ|стар",
  "当前|現在|旧|현재",
);
export const ONE_TIME_CODE = words(
  "one ?time|otp|totp|2 ?fa|mfa|two ?factor|(?:verification|authentication|authenticator|auth|login) ?code|einmal|verifizierungscode|codigo de (?:verificacion|verificacao|seguridad)|code de (?:verification|securite)|codice di verifica|verificatiecode|код подтвержд",
  "验证码|驗證碼|認証コード|確認コード|ワンタイム|인증번호|رمز التحقق",
);
/** Texts and secrets that no login holds. */
export const SOMETHING_ELSE = words(
  "search|query|find|captcha|coupon|voucher|promo|cvv|cvc|csc|card ?(?:holder|expir)|pin ?code|zip|postal|post ?code|city|street|address line|country|first ?name|last ?name|full ?name|given ?name|family ?name|sur ?name|birth|company|subject|message|comment|amount|quantity|answer|suche|vorname|nachname|plz|buscar|recherche|nombre y apell|prenom|поиск",
  "検索|搜索|搜尋|검색|图形",
);
export const SIGN_IN = words(
  "log ?in|log ?on|sign ?in|sign ?on|auth|session|continue|next|anmeld|einlogg|weiter|iniciar|acceder|ingresar|entrar|siguiente|connexion|connecter|identifi|suivant|accedi|avanti|inloggen|volgende|zaloguj|giris|logga in|logg inn|prihlas|войти|вход|далее",
  "登录|登錄|登入|ログイン|サインイン|次へ|로그인|다음|تسجيل الدخول",
);
export const SIGN_UP = words(
  "sign ?up|register|registr|registe|create (?:an? )?(?:new )?account|new (?:account|user|customer)|join|enrol|konto (?:erstellen|anlegen)|crear cuenta|creer un compte|inscri|cadastr|criar conta|crea (?:un )?account|aanmaken|zarejestruj|kayit|зарегистр|регистрац",
  "注册|註冊|新規登録|会員登録|회원가입|إنشاء حساب",
);
export const NEWSLETTER = words(
  "newsletter|subscri|mailing ?list|notify me|unsubscri|abonn|boletin|suscri|infolettre|iscriviti|nieuwsbrief|рассылк|подпис",
  "订阅|訂閱|メルマガ|구독",
);
export const RESET = words(
  "forgot|forgotten|lost|reset|recover|vergessen|zurucksetzen|olvid|recuper|oubli|reinitialis|dimenticat|esquec|vergeten|восстанов",
  "忘记|重置|忘れ|찾기",
);
