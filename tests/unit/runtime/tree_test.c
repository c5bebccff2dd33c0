/* SPDX-License-Identifier: MIT */
/*
 * base/tree.c against a sorted array. Invariants: the order is the one that was asked for,
 * links agree in both directions, heights differ by one at most, and every summary is that
 * of its subtree, after every call.
 */
#include "base/tree.h"

#include <stdlib.h>

#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { MOST = 300, MANY = 100000 };

struct record {
    unsigned long key;
    struct tree_node node; /* not the first member: links must not be taken for records */
    unsigned long least, count;
};

static struct tree tree;
static struct record *model[MOST]; /* what the tree should hold, in order */
static size_t model_count, updates;

static struct record *record_of(const struct tree_node *node) {
    return TREE_RECORD(node, struct record, node);
}

/* A sum, which every change shows in, and a minimum, which most do not show in. */
static bool update(struct tree_node *node) {
    struct record *r = record_of(node);
    unsigned long least = r->key, count = 1;

    for (unsigned side = 0; side < 2; side++) {
        if (!node->child[side])
            continue;
        const struct record *c = record_of(node->child[side]);
        least = MIN(least, c->least);
        count += c->count;
    }
    bool changed = least != r->least || count != r->count;
    r->least = least;
    r->count = count;
    updates++;
    return changed;
}

/* As update, for trees whose summaries hardly ever change. */
static bool update_least(struct tree_node *node) {
    struct record *r = record_of(node);
    unsigned long least = r->key % 4, was = r->least;

    for (unsigned side = 0; side < 2; side++)
        if (node->child[side])
            least = MIN(least, record_of(node->child[side])->least);
    r->least = least;
    return least != was;
}

static bool is_before(const struct tree_node *node, unsigned long key) {
    return record_of(node)->key < key;
}

/* Checks a subtree and returns its height. */
static unsigned verify_subtree(const struct tree_node *node) {
    if (!node)
        return 0;
    unsigned height[2];
    struct record was = *record_of(node);
    for (unsigned side = 0; side < 2; side++) {
        REQUIRE(!node->child[side] || node->child[side]->parent == node);
        height[side] = verify_subtree(node->child[side]);
    }
    REQUIRE(height[0] <= height[1] + 1 && height[1] <= height[0] + 1);
    REQUIRE(node->height == 1 + (height[0] > height[1] ? height[0] : height[1]));
    if (tree.update) {
        tree.update(&record_of(node)->node);
        REQUIRE(was.least == record_of(node)->least && was.count == record_of(node)->count);
    }
    return node->height;
}

static void verify(void) {
    struct tree_node *at = tree_first(&tree);

    REQUIRE(!tree.root || !tree.root->parent);
    verify_subtree(tree.root);
    for (size_t i = 0; i < model_count; i++) {
        REQUIRE(at == &model[i]->node);
        REQUIRE(tree_previous(at) == (i ? &model[i - 1]->node : NULL));
        at = tree_next(at);
    }
    REQUIRE(!at);
    REQUIRE(tree_edge(&tree, 1) == (model_count ? &model[model_count - 1]->node : NULL));
}

static void add(size_t place, unsigned long key) {
    struct record *r = calloc(1, sizeof *r);

    r->key = key;
    r->least = random_below(4); /* what was there before does not count */
    tree_insert(&tree, &r->node, place < model_count ? &model[place]->node : NULL);
    for (size_t i = model_count++; i > place; i--)
        model[i] = model[i - 1];
    model[place] = r;
}

static void take(size_t place) {
    tree_remove(&tree, &model[place]->node);
    free(model[place]);
    for (model_count--; place < model_count; place++)
        model[place] = model[place + 1];
}

/* Mostly grows, then mostly shrinks, down to nothing. */
static void run_any_order(void) {
    for (int round = 0; round < 3; round++) {
        tree.update = round == 0 ? update : round == 1 ? update_least : NULL;
        for (unsigned i = 0; i < 3000; i++) {
            bool grow = i < 1500 ? !random_one_in(4) : random_one_in(4);
            size_t place = random_below(model_count + 1);
            if (grow && model_count < MOST)
                add(place, random_below(1000));
            else if (place < model_count)
                take(place);
            if (tree.update && model_count && random_one_in(4)) {
                struct record *r = model[random_below(model_count)];
                r->key = random_below(1000);
                tree_refresh(&tree, &r->node);
            }
            verify();
        }
        while (model_count) {
            take(random_below(model_count));
            verify();
        }
        REQUIRE(!tree.root);
    }
}

/* Sorted by key, alike ones in the order in which they came. */
static void run_sorted(void) {
    tree.update = update;
    for (unsigned i = 0; i < 3000; i++) {
        unsigned long key = random_below(100);
        struct tree_node *found = tree_find(&tree, is_before, key);
        size_t place = 0;
        while (place < model_count && model[place]->key < key)
            place++;
        REQUIRE(found == (place < model_count ? &model[place]->node : NULL));
        if (random_one_in(2) && model_count < MOST) {
            while (place < model_count && model[place]->key == key)
                place++;
            add(place, key);
        } else if (place < model_count) {
            take(place);
        }
        verify();
    }
}

/* Many, in order, which is the worst for a tree: low all the same, and a change is cheap.
 */
static void run_many(void) {
    struct record *records = calloc(MANY, sizeof *records);
    size_t side = random_below(2), most = 0;

    tree.update = update;
    for (size_t i = 0; i < MANY; i++) {
        updates = 0;
        records[i].key = i;
        tree_insert(&tree, &records[i].node, side ? tree_first(&tree) : NULL);
        most = updates > most ? updates : most;
    }
    REQUIRE_SAYING(tree.root->height <= 24, "%u levels", tree.root->height); /* 1.44 log2 */
    REQUIRE_SAYING(most <= 28, "%zu updates", most);
    verify_subtree(tree.root);
    size_t at = side ? MANY : 0;
    for (struct tree_node *n = tree_first(&tree); n; n = tree_next(n))
        REQUIRE(record_of(n) == &records[side ? --at : at++]);
    for (size_t i = 0; i < MANY; i++) {
        updates = 0;
        tree_remove(&tree, &records[i * 77773 % MANY].node);
        REQUIRE_SAYING(updates <= 80, "%zu updates", updates);
        if (i % 10000 == 0)
            verify_subtree(tree.root);
    }
    REQUIRE(!tree.root);
}

TEST(any_order) {
    CHECK(scenario_run("any order", run_any_order, 4, random_seed()));
}

TEST(sorted) {
    CHECK(scenario_run("sorted", run_sorted, 4, random_seed()));
}

TEST(many) {
    CHECK(scenario_run("many", run_many, 2, random_seed()));
}
