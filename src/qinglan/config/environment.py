"""Every environment variable of the program, in words: the reference page is made from this table, and a guard test
holds it against the code."""

from typing import NamedTuple

from qinglan.config import mlps


class Variable(NamedTuple):
    """One variable: its default as the reader would type it, and what it does."""

    default: str
    chinese: str
    english: str


FOR_PEOPLE = {
    "DATABASE_URL": Variable(
        "（自带的数据库）", "改用自己的 PostgreSQL（15 或更新）", "use your own PostgreSQL, 15 or newer"
    ),
    "DATABASE_OWNER_URL": Variable(
        "同 DATABASE_URL",
        "建表用的数据库角色；与应用的角色分开更安全",
        "role that alters tables; safer when it is not the site's",
    ),
    "QINGLAN_DATA": Variable("var/", "数据文件夹", "data folder"),
    "QINGLAN_KEYS": Variable(
        "var-keys/fields.json", "字段加密的密钥文件，请单独备份", "keys of field encryption; back them up apart"
    ),
    "QINGLAN_AUDIT_HEADS": Variable(
        "var-keys/audit-heads.jsonl",
        "哈希链的链头文件，请另存到别的机器",
        "exported heads of the log's hash chain; keep a copy on another machine",
    ),
    "QINGLAN_ERASED": Variable(
        "var-keys/erased.jsonl",
        "已删除人员的内部编号名单（不含姓名），恢复备份时据此再次删除，请另存一份",
        "internal numbers of erased people; a restored backup is erased by it again, keep a copy",
    ),
    "QINGLAN_SECRET_KEY": Variable("（首次启动时生成）", "签名用的密钥", "signing key"),
    "QINGLAN_ADDRESS": Variable("127.0.0.1", "监听地址", "address to listen on"),
    "QINGLAN_PORT": Variable("8000", "端口", "port"),
    "QINGLAN_WORKERS": Variable("2", "网站进程数", "web processes"),
    "QINGLAN_THREADS": Variable("4", "每个进程的线程数", "threads of each"),
    "QINGLAN_POOL_SIZE": Variable("8", "每个进程的数据库连接数上限", "database connections of each process, at most"),
    "QINGLAN_HOSTS": Variable("localhost,127.0.0.1,[::1]", "允许的域名，用逗号分开", "host names served"),
    "QINGLAN_ORIGINS": Variable("", "反向代理后的来源，如 https://ql.example.gov.cn", "trusted origins behind a proxy"),
    "QINGLAN_HTTPS": Variable("0", "在 https 之后运行时设为 1", "1 when served by https"),
    "QINGLAN_HTTPS_REDIRECT": Variable("1", "把 http 请求转到 https（仅当 QINGLAN_HTTPS=1）", "send http to https"),
    "QINGLAN_SECOND_FACTOR": Variable(
        "auto",
        "签署、公布、关账、发布政策包和知识卡须用两步验证：on 一律、off 不要求、auto 除合成数据的区以外都要求",
        "second factor for those who sign: on, off, or auto (everywhere but in fictional districts)",
    ),
    "QINGLAN_DECIDE_DAYS": Variable(
        "7",
        "提交审核、签署、政策包提交、工资算好之后，几天内应办下一步；过了每隔这么多天提醒一次",
        "days for the next step of a decision; after them the people concerned are reminded as often",
    ),
    "QINGLAN_RETENTION_YEARS": Variable(
        "5",
        "本区设定：离任后几年保存期届满，可以申请删除个人信息",
        "years after leaving until a person may be erased without another ground",
    ),
    "QINGLAN_ASSISTANT_DAYS": Variable(
        "30",
        "本区设定：向助手提的问题和人工答复保存几天，到期清除（计数除外）",
        "days for which what was asked of the assistant is kept; counts stay",
    ),
    "QINGLAN_ASSISTANT_RATE": Variable(
        "20", "同一地址每分钟可以向助手提几个问题", "questions a minute to the assistant from one address"
    ),
    "QINGLAN_CHAT_URL": Variable(
        "",
        "对话接口的网址（OpenAI 兼容，如 http://内网/v1/chat/completions）：按卡片改写回答；不设则不用。问题文字会发给它",
        "OpenAI-compatible chat endpoint that may rephrase a card's text; off unless set; receives the question",
    ),
    "QINGLAN_CHAT_KEY": Variable("", "对话接口的密钥", "its key"),
    "QINGLAN_CHAT_MODEL": Variable("", "对话接口的模型名", "its model"),
    "QINGLAN_LEAST_CELL": Variable(
        "5",
        "汇总表里人数少于它的格子不显示，能推算出它的格子也不显示",
        "counts of people below this are hidden, also from subtraction",
    ),
    "QINGLAN_BEHIND_PROXY": Variable(
        "0",
        "信任代理的 X-Forwarded-Proto 与 X-Forwarded-For（按来访地址限次）",
        "trust the proxy's X-Forwarded-Proto and X-Forwarded-For (limits by address)",
    ),
    "QINGLAN_ADMIN": Variable("0", "打开 /admin/（仅供抢修，不走业务校验）", "serve /admin/, for rescue work"),
    "QINGLAN_DEBUG": Variable("0", "调试模式，不可用于正式环境", "debug mode, never in service"),
    "QINGLAN_LOG_LEVEL": Variable("WARNING", "日志级别", "log level"),
    "QINGLAN_MAIL_HOST": Variable(
        "（不发邮件）", "发邮件的服务器；写了才发邮件提醒", "mail server; notices are mailed once it is named"
    ),
    "QINGLAN_MAIL_PORT": Variable("587", "邮件服务器端口", "port of the mail server"),
    "QINGLAN_MAIL_USER": Variable("", "邮件账号", "account at the mail server"),
    "QINGLAN_MAIL_PASSWORD": Variable("", "邮件账号的密码", "its password"),
    "QINGLAN_MAIL_STARTTLS": Variable("1", "与邮件服务器加密通信", "encrypt the way to the mail server"),
    "QINGLAN_MAIL_FROM": Variable("同邮件账号", "发件人地址", "sender's address"),
    "QINGLAN_SITE": Variable(
        "",
        "邮件和提问二维码里写的网址，如 https://ql.example.gov.cn",
        "address of the site in e-mails and codes to scan",
    ),
    "QINGLAN_DB_LINGER": Variable(
        "5", "最后一个命令结束后，自带数据库再等几秒停下", "seconds the embedded database outlives its last user"
    ),
    "QINGLAN_API_RATE": Variable("600", "每个接口令牌每分钟的请求数上限", "API calls a minute of one token"),
    "QINGLAN_WEBHOOK_HOSTS": Variable(
        "",
        "可以接收事件通知的主机名，用逗号分开；空则不通知任何系统",
        "hosts that may be told of events; none by default",
    ),
    "QINGLAN_WEBHOOK_NETWORKS": Variable(
        "",
        "上述主机可以使用的内网网段，如 10.1.0.0/16；不写则只能是公网地址",
        "private networks in which such a host may stand",
    ),
    "QINGLAN_KERNEL_CACHE": Variable("（自动）", "已编译规则的存放处", "where compiled rules are kept"),
    "QINGLAN_UNCOMPILED": Variable(
        "0", "设为 1 则不编译规则（慢，用于核对）", "1 runs the rules uncompiled, slow, for checking"
    ),
}
FOR_PEOPLE["QINGLAN_PROFILE"] = Variable(
    "standard", "mlps 为等保配置，见下列各项", "mlps: the profile of graded protection, for what follows"
)
FOR_PEOPLE |= {
    name: Variable(f"{one.plain}（mlps：{one.mlps}）", f"{one.chinese}（{one.source}）", one.english)
    for name, one in mlps.SETTINGS.items()
}
# Set by the program for its own children and by the Makefile; not for people.
INTERNAL = {"QINGLAN_DB_ROLE", "QINGLAN_POOL", "QINGLAN_SERVE_PID", "QINGLAN_TEST_DATABASE", "QINGLAN_COLLECT"}
