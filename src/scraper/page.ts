/**
 * What is on a page.
 *
 * @module
 */
import { MIMEType } from "whatwg-mimetype";
