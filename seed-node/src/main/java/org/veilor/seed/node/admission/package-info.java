/** Admission: which files are static media by their content, and the reason for each refusal. */
package org.veilor.seed.node.admission;
