// Finds our server on a page that was made for Remark42: by remark_config.host, else by where this file came from.
// Must never run after the loader, which reads what is made here.
// Next: remark42.ts mounts the thread.
import { serverBase, standIn } from "./stand-in";

/** What the page says to Remark42's scripts, as far as it means something to us. */
export interface RemarkConfig {
  host?: string;
  site_id?: string;
  url?: string;
  page_title?: string;
  theme?: string;
  locale?: string;
  max_last_comments?: number;
  /** Ours: the name of the site, where several share an origin. */
  afterword_site?: string;
}

declare global {
  interface Window {
    remark_config?: RemarkConfig;
  }
}

export const config = (): RemarkConfig => window.remark_config || {};

const { currentScript } = document;

/** With a slash at the end. */
export const base = serverBase(config().host, (currentScript as HTMLScriptElement | null)?.src || import.meta.url);
export const ownScript = standIn(base);

/** Found by the page's origin, whatever it is called on our server. */
export const site = (): string => config().afterword_site || "_";

/** Remark42's names of languages that have others elsewhere. */
const LANGUAGE_ALIASES: Record<string, string> = { ua: "uk", bp: "pt-BR", by: "be" };

export const language = ({ locale }: RemarkConfig): string | undefined =>
  locale && (LANGUAGE_ALIASES[locale] || locale.replace("_", "-"));
