/** Where an endpoint can be reached: relays, IP addresses, custom transports. */
package org.veilor.seed.core.address;
