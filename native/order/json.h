/* json.h - JSON values as columns that sort as they do. */
#ifndef PERIGEE_ORDER_JSON_H
#define PERIGEE_ORDER_JSON_H
#include "keys.h"

/* Puts what orders[0], a JSON column, is sorted by in its place: JSON_ORDERS
 * columns in the arena.  False: no memory.
 *
 * A value comes where it would in a column of its own type: what a sort has
 * kept of some rows must not change when a later row makes the column JSON. */
#define JSON_ORDERS 4
bool json_orders(peri_cx *cx, struct order *orders);
#endif
