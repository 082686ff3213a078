#include "git/import_script.hpp"

namespace persais::git {

// Lists are NUL-separated files in HOME, so that every name that git allows is preserved. `git add -A` alone does not
// work: it makes submodules of repositories inside the tree, and it rewrites every file that violates the repository's
// own end-of-line rules, whether the agent touched it or not (the index is new and has no file times).
std::string_view import_script() {
    return R"sh(set -eu
base=$1 most_bytes=$2 most_files=$3 lfs=$4
# weigh NEW CHANGED: ends the import when the files of both lists are too large, or those of NEW too many.
weigh() {
    for list in "$1" "$2"; do
        if [ "$list" = "$1" ]; then new=1; else new=0; fi
        du -0 --apparent-size -B1 --files0-from="$list" 2>/dev/null | sed -z "s|^|$new\t|"
    done | tr '\n\0' '?\n' | awk -F '\t' -v bytes="$most_bytes" -v files="$most_files" '
        { total += $2; count += $1
          folder = index($3, "/") ? substr($3, 1, index($3, "/")) : "./"
          size[folder] += $2; number[folder] += $1 }
        END {
            if (total <= bytes && count <= files) exit 0
            for (f in size) {
                weight = total > bytes ? size[f] : number[f]
                if (weight > most) { most = weight; worst = f }
            }
            printf "persais:large %.0f %d %s\n", total, count, worst
            exit 1
        }' >&2 || exit 42
}
lines() { tr '\n\0' '?\n' < "$2" | sed "s|^|persais:$1 |" >&2; }

git cat-file -e "$base^{tree}" 2>/dev/null && git read-tree "$base" 2>/dev/null || exit 41

# By this git sees the pointers of files in LFS. It gives a filter the contents as a stream when it is required.
if [ -n "$lfs" ]; then
    git config filter.lfs.clean "$PERSAIS_LFS_CLEAN"
    git config filter.lfs.required true
    # What equals its pointer is unchanged, whatever became of the attributes. One sha256sum for all is what thousands
    # of files need; a filter is several processes for each file. A pointer is shorter than 1000 bytes.
    find . -name .git -prune -o -type f -perm -u=x -printf '100755 %P\0' -o -type f -printf '100644 %P\0' |
        sort -z > "$HOME/there"
    git ls-files -s -z > "$HOME/staged"
    cut -z -f2- < "$HOME/staged" | git check-attr --cached -z --stdin filter | paste -z - - - |
        sed -z 's/.*\t//' | paste -z -d' ' - "$HOME/staged" |
        sed -zn 's/^lfs \(100[0-9]* \)\([0-9a-f]*\) 0\t/\2 \1/p' > "$HOME/filtered"
    tr '\0\n' '\n?' < "$HOME/filtered" | cut -d' ' -f1 | git cat-file --batch-check='%(objectsize)' | tr '\n' '\0' |
        paste -z -d' ' - "$HOME/filtered" | sed -zn 's/^[0-9]\{1,3\} //p' > "$HOME/short"
    tr '\0\n' '\n?' < "$HOME/short" | cut -d' ' -f1 | git cat-file --batch='persais' | awk '
        $0 == "persais" { if (seen++) print oid; oid = "-"; version = NR + 1; next }
        NR == version { pointer = $0 == "version https://git-lfs.github.com/spec/v1"; next }
        pointer && /^oid sha256:[0-9a-f]+$/ { oid = substr($0, 12) }
        END { if (seen) print oid }' | tr '\n' '\0' |
        paste -z -d' ' - "$HOME/short" | sed -z 's/^\([^ ]*\) [^ ]* \([^ ]*\) /\2 \1  /' > "$HOME/pointers"
    sed -z 's/^\([0-9]*\) [^ ]*  /\1 /' < "$HOME/pointers" | sort -z | comm -z -12 - "$HOME/there" |
        cut -z -c8- | xargs -0 -r sha256sum -z -- 2>/dev/null | sort -z > "$HOME/sums" || :
    cut -z -c8- < "$HOME/pointers" | sort -z | comm -z -12 - "$HOME/sums" | cut -z -c67- |
        git update-index -z --assume-unchanged --stdin
fi
# A file that alone is over the limit is not even hashed, unless it may be the base's: its size is that of its blob.
# A folder that the agent may not read any more is made readable on the way.
find . -name .git -prune -o -type d ! -perm -u=rwx -exec chmod u+rwx {} \; -o -type f -size +"$most_bytes"c -printf '%P\0' \
    > "$HOME/huge" 2>/dev/null || :
if [ -s "$HOME/huge" ]; then
    # A new one is found below, unless it is ignored; what LFS has is no blob of that size.
    xargs -0 sh -c '
        for path do
            old=$(git rev-parse --verify --quiet ":0:$path") || continue
            [ -z "$0" ] || ! git check-attr --cached filter -- "$path" | grep -q ": filter: lfs$" || continue
            size=$(stat -c %s -- "$path")
            [ "$size" = "$(git cat-file -s "$old")" ] || printf "%s\0" "$path"
        done; :' "$lfs" < "$HOME/huge" > "$HOME/grown"
    if [ -s "$HOME/grown" ]; then weigh /dev/null "$HOME/grown"; fi
fi

# What did not change is found by its content, and not added: git would write its object again where the borrowed one is
# read-only.
git update-index -q --refresh > /dev/null 2>&1 || :

git ls-files -z --modified | sort -zu > "$HOME/modified"
if [ -n "$lfs" ]; then # what LFS has is not taken over, whatever its size
    sed -z 's/^[0-9]* [0-9a-f]*  //' < "$HOME/pointers" | sort -z > "$HOME/in.lfs"
    comm -z -23 "$HOME/modified" "$HOME/in.lfs" > "$HOME/heavy"
else
    cp "$HOME/modified" "$HOME/heavy"
fi
weigh /dev/null "$HOME/heavy"

# First the files that the base has: changed, deleted, replaced.
if ! git add -u -- . 2> "$HOME/add.log"; then
    # An agent may have removed its own read permission.
    find . -type d ! -perm -u=rwx -exec chmod u+rwx {} + 2>/dev/null || :
    find . -type f ! -perm -u=r -exec chmod u+r {} + 2>/dev/null || :
    git add -u -- .
fi

# Then the files that the base does not have. A name that ends in a slash is a separate repository.
git ls-files -z --others --exclude-standard > "$HOME/others"
grep -zv '/$' "$HOME/others" > "$HOME/new" || :
grep -z '/$' "$HOME/others" > "$HOME/nested" || :
if [ -s "$HOME/new" ]; then
    weigh "$HOME/new" "$HOME/heavy"
    git update-index -z --add --replace --stdin < "$HOME/new"
fi

# Submodules stay as in the base, because the commit that they would point to exists only here.
git ls-files -s -z | grep -z '^160000' | sed -z 's/^160000 \([0-9a-f]*\) 0/\1/' | sort -z > "$HOME/links"
if [ -s "$HOME/links" ]; then
    git ls-tree -r -z "$base" | grep -z '^160000' | sed -z 's/^160000 commit //' | sort -z > "$HOME/base.links"
    # Where a submodule was not fetched, anything in its folder is work; else what differs from its commit is.
    cut -z -f2- < "$HOME/base.links" | xargs -0 -r sh -c '
        unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
        for path do
            if [ -e "$path/.git" ]; then
                inside=$(git -C "$path" status --porcelain --ignore-submodules=none 2>&1)
            else
                inside=$([ ! -d "$path" ] || ls -A -- "$path")
            fi
            [ -z "$inside" ] || printf "%s\0" "$path"
        done; :' sh > "$HOME/inside"
    comm -z -13 "$HOME/base.links" "$HOME/links" | sed -z 's/^[^\t]*\t//' > "$HOME/moved"
    if [ -s "$HOME/moved" ]; then
        git update-index -z --force-remove --stdin < "$HOME/moved"
        git reset --quiet --no-refresh --pathspec-from-file="$HOME/moved" --pathspec-file-nul "$base"
    fi
    sort -zu "$HOME/inside" "$HOME/moved" > "$HOME/touched"
    if [ -s "$HOME/touched" ]; then lines left-out "$HOME/touched"; fi
fi
if [ -s "$HOME/nested" ]; then lines left-out "$HOME/nested"; fi

# A file that equals a checkout of the base, including its mode, is unchanged, even if adding it again would rewrite it.
git diff-index --cached --no-renames --diff-filter=M --name-only -z "$base" > "$HOME/changed"
if [ -s "$HOME/changed" ]; then
    GIT_INDEX_FILE="$HOME/base.index" git read-tree "$base"
    mkdir "$HOME/base"
    GIT_INDEX_FILE="$HOME/base.index" git -c filter.lfs.required=false checkout-index -z --stdin --prefix="$HOME/base/" < "$HOME/changed"
    xargs -0 -r sh -c '
        for path do
            old=$HOME/base/$path
            [ -L "$path" ] || [ -L "$old" ] || ! [ -f "$old" ] && continue
            if [ -x "$path" ]; then [ -x "$old" ] || continue; else ! [ -x "$old" ] || continue; fi
            cmp -s -- "$old" "$path" && printf "%s\0" "$path"
        done; :' sh < "$HOME/changed" > "$HOME/same"
    if [ -s "$HOME/same" ]; then
        git reset --quiet --no-refresh --pathspec-from-file="$HOME/same" --pathspec-file-nul "$base"
    fi
fi

# A file in LFS stays as in the base, and a new one must be a copy of one that is there, because nothing uploads others.
if [ -n "$lfs" ]; then
    git ls-tree -r "$base" | cut -f1 | cut -d' ' -f3 | sort -u > "$HOME/base.blobs"
    git diff-index --cached --no-renames --diff-filter=AMT --name-only -z "$base" | xargs -0 -r sh -c '
        pointer() { git cat-file blob "$1" 2>/dev/null | head -c 43 | tr -d "\0" |
            grep -qxF "version https://git-lfs.github.com/spec/v1"; }
        for path do
            new=$(git rev-parse --verify --quiet ":0:$path") || continue
            if old=$(git rev-parse --verify --quiet "$0:$path"); then
                [ "$old" = "$new" ] || { pointer "$old" && printf "%s\0" "$path"; }
            elif pointer "$new"; then
                grep -qxF "$new" "$HOME/base.blobs" || printf "%s\0" "$path"
            fi
        done; :' "$base" > "$HOME/lfs"
    if [ -s "$HOME/lfs" ]; then
        git reset --quiet --no-refresh --pathspec-from-file="$HOME/lfs" --pathspec-file-nul "$base"
        lines lfs "$HOME/lfs"
    fi
fi

tree=$(git write-tree)
echo "persais:tree $tree" >&2
[ "$tree" != "$(git rev-parse "$base^{tree}")" ] || exit 0
commit=$(git commit-tree "$tree" -p "$base" -m work)
printf '%s\n^%s\n' "$commit" "$base" |
    git pack-objects --revs --thin --stdout --delta-base-offset --quiet
)sh";
}

// As above, but what must be looked at is known, and git fast-import writes the folders.
std::string_view import_changes_script() {
    return R"sh(set -eu
base=$1 rules=$2
git() { command git -c core.fsync=none "$@"; }
: > "$HOME/new"
if [ -s "$HOME/fresh" ]; then
    xargs -0 git ls-files -z --others --exclude-standard -- < "$HOME/fresh" > "$HOME/new"
fi
[ -z "$rules" ] || cp "$HOME/index" "$HOME/base.index"
cat "$HOME/touched" "$HOME/new" | git update-index -z --add --replace --stdin

# A file that equals a checkout of the base, including its mode, is unchanged, even if adding it again would rewrite it.
if [ -n "$rules" ] && [ -s "$HOME/touched" ]; then
    mkdir "$HOME/base"
    GIT_INDEX_FILE="$HOME/base.index" git checkout-index -z --stdin --prefix="$HOME/base/" < "$HOME/touched"
    xargs -0 -r sh -c '
        for path do
            old=$HOME/base/$path
            [ -L "$path" ] || [ -L "$old" ] || ! [ -f "$old" ] && continue
            if [ -x "$path" ]; then [ -x "$old" ] || continue; else ! [ -x "$old" ] || continue; fi
            cmp -s -- "$old" "$path" && printf "%s\0" "$path"
        done; :' sh < "$HOME/touched" > "$HOME/same"
    if [ -s "$HOME/same" ]; then git update-index -z --force-remove --stdin < "$HOME/same"; fi
fi

# Only the folders of what changed are written, however large the rest is.
git ls-files -s > "$HOME/staged"
{
    cat "$HOME/begin"
    sed 's/^\([0-7]*\) \([0-9a-f]*\) 0\t/M \1 \2 /' "$HOME/staged"
    printf '\nls :1 ""\nls %s ""\ndone\n' "$base"
} > "$HOME/stream"
git -c fastimport.unpackLimit=1 fast-import --quiet < "$HOME/stream" > "$HOME/trees"
{ read -r _ _ tree; read -r _ _ before; } < "$HOME/trees"
echo "persais:tree $tree" >&2
[ "$tree" != "$before" ] || exit 0
printf 'refs/heads/work\n^%s\n' "$base" | git pack-objects --revs --thin --stdout --delta-base-offset --quiet
)sh";
}

} // namespace persais::git
