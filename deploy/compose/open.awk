# Opens a benefit day and night, from 2020 to the end of the century, as the development system does: the shipped ones
# were open for some weeks of 2020. Nothing else of the file changes.
/^\[/ { table = $1 }
table == "[windows]" { next }
table == "[opening]" && /^opens *=/ { print "opens = 2020-01-01T00:00:00+01:00"; next }
table == "[opening]" && /^closes *=/ { print "closes = 2100-01-01T00:00:00+01:00"; next }
# a seed can't be published before the benefit has closed
table == "[order]" && /^seed(_published_at)? *=/ { next }
{ print }
