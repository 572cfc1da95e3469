/** Encodings shared by every protocol: postcard, LEB128, hex, base32 and z-base-32. */
package org.veilor.seed.core.wire;
