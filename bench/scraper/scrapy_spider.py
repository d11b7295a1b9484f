"""A spider with the same limits as the other crawlers: python3 scrapy_spider.py START MOST"""

import json
import resource
import sys
import time

from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule

start, most = sys.argv[1], int(sys.argv[2])
counts = {"pages": 0, "titles": 0}


class Spider(CrawlSpider):
    name = "spider"
    start_urls = [start]
    allowed_domains = ["127.0.0.1"]
    rules = [Rule(LinkExtractor(), callback="parse_page", follow=True)]

    def parse_start_url(self, response):
        return self.parse_page(response)

    def parse_page(self, response):
        counts["pages"] += 1
        if response.css("title::text").get():
            counts["titles"] += 1


process = CrawlerProcess({
    "CONCURRENT_REQUESTS": 10,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 10,
    "CLOSESPIDER_PAGECOUNT": most,
    "ROBOTSTXT_OBEY": True,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Spider)
began = time.perf_counter()
process.start()
print(json.dumps({
    **counts,
    "seconds": time.perf_counter() - began,
    "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
