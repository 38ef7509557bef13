// Finds our server on a page that was made for Remark42: by remark_config.host, else by the address of this file.
// Must never run after the loader, which reads the tag that is created here.
// Next: remark42.ts mounts the thread.
import { serverBase, standIn } from "./stand-in";

/** The settings of Remark42's scripts that have a counterpart here. */
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

/** The server finds the site by the page's origin, whatever its name is. */
export const site = (): string => config().afterword_site || "_";

/** Remark42's language names that differ from the usual tags. */
const LANGUAGE_ALIASES: Record<string, string> = { ua: "uk", bp: "pt-BR", by: "be" };

export const language = ({ locale }: RemarkConfig): string | undefined =>
  locale && (LANGUAGE_ALIASES[locale] || locale.replace("_", "-"));
