/** The verified streaming of a blob: chunk ranges, tree geometry, outboards, responses. */
package org.veilor.seed.core.bao;
