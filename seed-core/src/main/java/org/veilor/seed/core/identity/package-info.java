/** Ed25519 keys: who an endpoint is, and what it signs. */
package org.veilor.seed.core.identity;
